/** From a shader's name to a recorded dispatch: the program of a tile, its operands, parameters and grid. */

import { OutOfMemoryError } from '../device/errors.js';
import type { Gpu } from '../device/gpu.js';
import type { Program } from '../device/program.js';
import type { BufferRange } from '../device/recording.js';
import type { Uniform } from '../device/uniform-block.js';
import type { HalvesOf, Operand, OperandsOf, ParamsOf, ShaderName, TileOf } from './shader-interface.js';
import { type ShaderSource, shaders } from './shaders.generated.js';
import { instantiate, type Tile } from './unroll.js';

export type { Operand, OperandsOf, ShaderName, TileOf } from './shader-interface.js';

/** Keyed by shader name, tile values and the buffers and workgroup memory that hold f16. */
const programs = new Map<string, Program>();

/** The program of one variant of a shader. */
export function programOf(name: ShaderName, tile?: Tile, halves: readonly string[] = []): Program {
  const source: ShaderSource = shaders[name];
  const key = `${name} ${JSON.stringify(tile ?? {})} ${halves.join()}`;
  let program = programs.get(key);
  if (!program) {
    const code = instantiate(source.code, tile, halves);
    // A variant may leave bindings out.
    const bindings = source.bindings.filter((binding) =>
      new RegExp(`\\bvar<[^>]*> ${binding.name}:`).test(code),
    );
    program = { label: name, code, bindings };
    programs.set(key, program);
  }
  return program;
}

/** A property that may be left out where it has nothing to say. */
type Where<Key extends string, Value> = keyof Value extends never
  ? { readonly [K in Key]?: Value }
  : { readonly [K in Key]: Value };

interface Work {
  readonly workgroups: readonly [number, number, number];
  /**
   * Floating-point operations, two a multiply-add; for profiles. Default 0: a kernel that only moves data.
   */
  readonly flops?: number;
  /** Bytes touched, for profiles. Default: all of every operand. */
  readonly bytes?: number;
}

/** One dispatch of a shader. Every `<operand>_pitch` parameter is filled in from the operand. */
export type Launch<N extends ShaderName> = Work & {
  readonly operands: OperandsOf<N>;
  /** What holds f16 beside the operands. */
  readonly halves?: readonly HalvesOf<N>[];
} & Where<'params', ParamsOf<N>> &
  Where<'tile', TileOf<N>>;

/** Forbids names that a shader does not have, spread ones too, which TypeScript otherwise lets pass. */
type Nothing<Given, Known> = { readonly [Name in Exclude<keyof Given, keyof Known>]?: never };
type Exactly<L, N extends ShaderName> = (L extends { readonly operands: infer Given }
  ? { readonly operands: Nothing<Given, OperandsOf<N>> }
  : unknown) &
  (L extends { readonly params: infer Given } ? { readonly params: Nothing<Given, ParamsOf<N>> } : unknown) &
  (L extends { readonly tile: infer Given } ? { readonly tile: Nothing<Given, TileOf<N>> } : unknown);

interface AnyLaunch extends Work {
  readonly operands: Readonly<Record<string, Operand | Uniform | undefined>>;
  readonly params?: Readonly<Record<string, number>>;
  readonly tile?: Tile;
  readonly halves?: readonly string[];
}

const isHalf = (bound: Operand | Uniform | undefined): boolean =>
  bound !== undefined && 'range' in bound && bound.dtype === 'f16';

/** Records one dispatch of a shader. */
export function launch<N extends ShaderName, L extends Launch<N>>(
  gpu: Gpu,
  name: N,
  launched: L & Exactly<L, N>,
): void;
export function launch(
  gpu: Gpu,
  name: ShaderName,
  { operands, params = {}, workgroups, tile, halves = [], flops, bytes }: AnyLaunch,
): void {
  const most = gpu.limits.maxComputeWorkgroupsPerDimension;
  const wanted = Math.max(...workgroups);
  if (wanted > most)
    throw new OutOfMemoryError(
      `${name} needs ${wanted} workgroups in a row, and the adapter starts at most ${most}; use a smaller batch or chunk`,
    );
  const halfOperands = Object.keys(operands).filter((operand) => isHalf(operands[operand]));
  const program = programOf(name, tile, [...halfOperands, ...halves]);
  const fields = program.bindings.find((binding) => binding.name === 'params')?.layout?.fields ?? [];
  // A pitch stays 0 where the variant leaves its operand out.
  const pitches = fields.map((field) => field.name).filter((field) => field.endsWith('_pitch'));
  const values: Record<string, number> = {
    ...Object.fromEntries(pitches.map((field) => [field, 0])),
    ...params,
  };
  const buffers: Record<string, BufferRange | Uniform> = {};
  for (const [operand, bound] of Object.entries(operands)) {
    if (!bound) continue;
    if (!('range' in bound)) {
      buffers[operand] = bound;
      continue;
    }
    buffers[operand] = bound.range;
    const pitch = `${operand}_pitch`;
    if (pitches.includes(pitch)) values[pitch] = bound.pitch;
  }
  gpu.recording.dispatch({
    program,
    buffers,
    params: values,
    workgroups,
    flops: flops ?? 0,
    ...(bytes === undefined ? {} : { bytes }),
  });
}

/** An operand that the shader declares f16 in every variant, so that no mark has to make it so. */
export const asDeclared = ({ range, pitch }: Operand): Operand => ({ range, pitch });

/** A grid for `count` threads in workgroups of `size`, spread over two dimensions where one is too short. */
export function flatGrid(gpu: Gpu, count: number, models = 1, size = 64): [number, number, number] {
  const groups = Math.ceil(count / size);
  const rows = Math.ceil(groups / gpu.limits.maxComputeWorkgroupsPerDimension);
  return [Math.ceil(groups / rows), rows, models];
}

/** Elements a thread of a streaming kernel takes: enough to share the cost of its parameters. */
const ELEMENTS_PER_THREAD = 8;

/** A grid for a streaming kernel over `count` elements per model. */
export const streamGrid = (gpu: Gpu, count: number, models: number): [number, number, number] =>
  flatGrid(gpu, ceilDivide(count, ELEMENTS_PER_THREAD), models);

export const ceilDivide = (a: number, b: number): number => Math.ceil(a / b);
