/** The description of an adapter: it chooses kernel variants and is part of every result. */

/** `hardware`, or one of the two software adapters whose costs are known, or another software adapter. */
export type AdapterClass = 'hardware' | 'lavapipe' | 'swiftshader' | 'software';

/** The kind of adapter decides the sizes of work: a GPU needs far more at a time than a processor. */
export const kindOf = (adapter: { readonly class: AdapterClass }): 'hardware' | 'software' =>
  adapter.class === 'hardware' ? 'hardware' : 'software';

/** Feature name of Dawn's experimental subgroup matrices. */
export const SUBGROUP_MATRIX_FEATURE = 'chromium-experimental-subgroup-matrix';

/** A matrix product that a subgroup computes at once: [M, N] += [M, K] times [K, N]. Names as in WebGPU. */
export interface SubgroupMatrixConfig {
  readonly M: number;
  readonly N: number;
  readonly K: number;
  /** Type of the operands: f32, f16, or an integer type. */
  readonly componentType: string;
  /** Type of the sums. */
  readonly resultComponentType: string;
}

/** What an adapter is. */
export interface AdapterDescription {
  readonly class: AdapterClass;
  /** Human-readable, with the driver's version if the driver reports it. */
  readonly name: string;
  readonly vendor: string;
  readonly architecture: string;
  /** Threads per subgroup; undefined if there are no subgroups or their size varies. */
  readonly subgroupSize: number | undefined;
  /** Threads in the largest subgroup; undefined if there are no subgroups. */
  readonly subgroupMaxSize: number | undefined;
  /** Empty unless subgroup matrices were asked for (`experimental`) and the adapter has them. */
  readonly subgroupMatrix: readonly SubgroupMatrixConfig[];
}

/** The adapter's list of matrix products as plain data. WebGPU's types do not have it. */
function subgroupMatrixConfigs(info: GPUAdapterInfo): SubgroupMatrixConfig[] {
  const { subgroupMatrixConfigs = [] } = info as { subgroupMatrixConfigs?: Iterable<SubgroupMatrixConfig> };
  return Array.from(subgroupMatrixConfigs, ({ M, N, K, componentType, resultComponentType }) => ({
    M,
    N,
    K,
    componentType,
    resultComponentType,
  }));
}

/** Describes an adapter from its WebGPU `info` and features. */
export function describeAdapter(
  info: GPUAdapterInfo,
  features: { has(name: string): boolean },
): AdapterDescription {
  const words = `${info.vendor} ${info.architecture} ${info.device} ${info.description}`.toLowerCase();
  const kind = words.includes('llvmpipe')
    ? 'lavapipe'
    : words.includes('swiftshader')
      ? 'swiftshader'
      : info.isFallbackAdapter
        ? 'software'
        : 'hardware';
  // On hardware the description is often only the driver; software drivers name themselves in it.
  const device = kind === 'hardware' ? info.device : '';
  const fixed =
    features.has('subgroups') && info.subgroupMinSize > 0 && info.subgroupMinSize === info.subgroupMaxSize;
  return {
    class: kind,
    name:
      [device, info.description].filter(Boolean).join(', ') ||
      [info.vendor, info.architecture].filter(Boolean).join(' ') ||
      'unnamed adapter',
    vendor: info.vendor,
    architecture: info.architecture,
    subgroupSize: fixed ? info.subgroupMinSize : undefined,
    subgroupMaxSize: features.has('subgroups') ? info.subgroupMaxSize : undefined,
    subgroupMatrix: features.has(SUBGROUP_MATRIX_FEATURE) ? subgroupMatrixConfigs(info) : [],
  };
}
