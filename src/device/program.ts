/**
 * What the device floor needs to know about a kernel: its WGSL and its bindings. The kernels floor makes
 * programs; this floor compiles them, packs their uniforms and binds their buffers.
 */

/** The layout of one WGSL uniform struct, reflected from the shader, offsets in bytes. */
export interface UniformLayout<Field extends string = string> {
  readonly size: number;
  /** Of a list of structs: how many there are, and the bytes from one to the next. Fields are those of one. */
  readonly list?: { readonly count: number; readonly stride: number };
  readonly fields: readonly {
    readonly name: Field;
    readonly offset: number;
    readonly type: 'u32' | 'i32' | 'f32';
  }[];
}

/** One binding of group 0. A uniform carries the layout of its struct. */
export interface BindingInfo {
  readonly name: string;
  readonly binding: number;
  readonly kind: 'uniform' | 'read-only-storage' | 'storage';
  readonly layout?: UniformLayout;
}

/** A compute program: complete WGSL with entry point `main`, bindings in group 0. */
export interface Program {
  /** Kernel name, for messages and profiles. */
  readonly label: string;
  /** Complete WGSL; the pipeline cache's key. */
  readonly code: string;
  readonly bindings: readonly BindingInfo[];
}

/**
 * Writes values into a uniform struct at byte `offset` of `view`.
 *
 * @throws RangeError when a field is missing or unknown, or a value does not fit its type
 */
export function packUniform(
  layout: UniformLayout,
  values: Readonly<Record<string, number>>,
  view: DataView,
  offset: number,
  label: string,
): void {
  const known = new Set(layout.fields.map((field) => field.name));
  for (const name of Object.keys(values)) {
    if (!known.has(name)) throw new RangeError(`${label}: unknown parameter "${name}"`);
  }
  for (const { name, offset: at, type } of layout.fields) {
    const value = values[name];
    if (value === undefined) throw new RangeError(`${label}: parameter "${name}" is missing`);
    if (type === 'f32') {
      view.setFloat32(offset + at, value, true);
      continue;
    }
    const [low, high] = type === 'u32' ? [0, 0xffffffff] : [-0x80000000, 0x7fffffff];
    if (!Number.isInteger(value) || value < low || value > high) {
      throw new RangeError(`${label}: parameter "${name}" must be a ${type}, not ${value}`);
    }
    if (type === 'u32') view.setUint32(offset + at, value, true);
    else view.setInt32(offset + at, value, true);
  }
}
