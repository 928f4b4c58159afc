/** `residualbind doctor`: which adapter there is, what it can do, and how to get a faster one. */

import type { Command } from 'commander';
import { findAdapter, INSTALL_SCRIPT } from '../../device/adapter/adapter.node.js';
import type { AdapterClass } from '../../device/adapter/adapter-info.js';
import { Gpu } from '../../device/gpu.js';
import { versions } from '../../device/versions.node.js';
import { type Ceilings, measureCeilings } from '../../kernels/ceilings.js';
import { describeVariant, type VariantTable } from '../../kernels/matrix/variants.js';
import { variantsInForce } from '../../kernels/tuning/tuning.js';
import type { Tuned } from '../../kernels/tuning/tuning-cache.node.js';
import { offersText, type PrecisionOffers, precisionOffers } from '../models/precision-offers.js';
import { examples, type GpuFlags, withGpu } from '../options.js';
import { ceilingsText } from '../profiling/profile.js';
import { aligned } from '../tables.js';
import { type Io, printResult } from '../terminal/io.js';
import { applyTuned } from '../tuned.js';

/** What decides how large models, batches and sweeps may be. */
const LIMITS = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxStorageBuffersPerShaderStage',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupsPerDimension',
] as const satisfies readonly (keyof GPUSupportedLimits)[];

const HARDWARE =
  'A GPU with a Vulkan driver (Linux), Metal (macOS) or Direct3D 12 (Windows) is many times faster.';
const LAVAPIPE = `On Debian and Ubuntu, sudo bash ${INSTALL_SCRIPT} installs lavapipe, several times faster.`;

const ADVICE: Readonly<Record<AdapterClass, readonly string[]>> = {
  hardware: [],
  lavapipe: [`This adapter computes on the CPU. ${HARDWARE}`],
  swiftshader: [`This adapter computes on the CPU. ${LAVAPIPE}`, HARDWARE],
  software: [`This adapter computes on the CPU. ${LAVAPIPE}`, HARDWARE],
};

interface DoctorOptions extends GpuFlags {
  readonly bench?: boolean;
}

export function addDoctor(program: Command, io: Io): void {
  withGpu(
    program
      .command('doctor')
      .description('which adapter is used, what it can do, and how to get a faster one')
      .option('--bench', "measure the adapter's peak arithmetic and bandwidth (takes some seconds)"),
  )
    .addHelpText(
      'after',
      examples('doctor', 'doctor --bench', 'doctor --adapter swiftshader', 'doctor --json'),
    )
    .action((options: DoctorOptions) => doctor(io, options));
}

async function doctor(io: Io, { adapter: choice, json, bench, ...options }: DoctorOptions): Promise<void> {
  const found = await findAdapter(choice === undefined ? {} : { choice });
  const { info } = found.adapter;
  // Work needs a device, so an adapter that grants none counts as absent.
  using gpu = await Gpu.fromAdapter(found.adapter, { keepAlive: found.instance });
  const record = {
    adapter: gpu.adapter,
    driver: info.description,
    subgroups: { min: info.subgroupMinSize, max: info.subgroupMaxSize },
    features: [...gpu.device.features].sort(),
    limits: Object.fromEntries(LIMITS.map((name) => [name, gpu.limits[name]])),
    tuned: (await applyTuned(io, gpu, options)) ?? null,
    matrixKernels: variantsInForce(gpu),
    precisions: await precisionOffers(io, choice === undefined ? {} : { adapter: choice }),
    ceilings: bench ? await measureCeilings(gpu) : null,
    tried: found.tried,
    advice: ADVICE[found.class],
    versions: await versions(),
  };
  printResult(io, json, record, describe(record));
}

/** What is found. */
interface Findings {
  readonly adapter: Gpu['adapter'];
  readonly subgroups: { readonly min: number; readonly max: number };
  readonly features: readonly string[];
  readonly limits: Readonly<Record<string, number>>;
  readonly tuned: Tuned | null;
  readonly matrixKernels: VariantTable;
  readonly precisions: PrecisionOffers;
  readonly ceilings: Ceilings | null;
  readonly tried: readonly { readonly what: string; readonly outcome: string }[];
  readonly advice: readonly string[];
  readonly versions: object;
}

function describe(record: Findings): string {
  const { adapter, features, limits, precisions, ceilings, tried, advice, versions } = record;
  return [
    `Adapter: ${adapter.name}`,
    adapterText(record),
    '',
    'Precisions:',
    offersText(precisions),
    ...(ceilings ? ['', ceilingsText(ceilings)] : []),
    '',
    'Tried:',
    ...tried.map(({ what, outcome }) => `  ${what}: ${outcome}`),
    '',
    'Limits:',
    aligned(Object.entries(limits).map(([name, value]) => [name, size(name, value)])),
    '',
    'Features:',
    ...features.map((feature) => `  ${feature}`),
    '',
    `Versions: ${Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(', ')}`,
    ...(advice.length > 0 ? ['', ...advice] : []),
  ].join('\n');
}

/** The adapter and its kernels, line by line. */
function adapterText({ adapter, subgroups, tuned, matrixKernels }: Findings): string {
  const { min, max } = subgroups;
  return aligned(
    [
      ['class', adapter.class],
      ['vendor', adapter.vendor || '-'],
      [
        'subgroup size',
        adapter.subgroupSize === undefined
          ? max > 0
            ? `${min} to ${max}`
            : 'no subgroups'
          : String(adapter.subgroupSize),
      ],
      [
        'kernels',
        tuned
          ? `tuned ${tuned.measured.slice(0, 10)}, ${tuned.path}`
          : 'built-in tiles (tune has stored none)',
      ],
      ...Object.entries(matrixKernels).map(([kernel, variant]) => [kernel, describeVariant(variant)]),
    ].map(([name, value]) => [`${name!.padEnd(14)}  ${value}`]),
  );
}

const size = (name: string, value: number): string =>
  /Size$/.test(name) && value >= 2 ** 20 ? `${Math.floor(value / 2 ** 20)} MiB` : String(value);
