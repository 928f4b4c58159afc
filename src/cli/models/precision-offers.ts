/** Which precisions an adapter offers, and how each is computed; for `doctor`. */

import { PrecisionError } from '../../device/errors.js';
import type { Gpu } from '../../device/gpu.js';
import { missingForMatrices, PRECISIONS, type Precision } from '../../device/precision.js';
import { requestGpu } from '../../device/request-gpu.js';
import { checkMatrices, type PrecisionPath, preparePrecision, type Task } from '../../kernels/precision.js';
import type { AdapterOptions } from '../options.js';
import { searchOptions } from '../session.js';
import { aligned } from '../tables.js';
import type { Io } from '../terminal/io.js';
import { PATHS } from './precision.js';

/** How a task is computed in a precision, or why it is not. */
export interface Offer {
  readonly precision: Precision;
  readonly task: Task;
  readonly path: PrecisionPath | null;
  readonly reason: string | null;
}

export interface PrecisionOffers {
  readonly offers: readonly Offer[];
  /** Why matrices of f16 are not used; null where they multiply right. */
  readonly noMatrices: string | null;
}

const TASKS: readonly Task[] = ['predictions', 'sweeps'];

/** Opens the adapter a second time, as a command with `--precision f16` would, and checks its matrices. */
export async function precisionOffers(io: Io, options: AdapterOptions): Promise<PrecisionOffers> {
  const opened = await reasonOf(() => requestGpu({ ...searchOptions(io, options), precision: 'f16' }));
  using gpu = opened.value;
  const missing = gpu ? missingForMatrices(gpu.device.features, gpu.adapter) : 'shader-f16';
  const noMatrices = missing
    ? `this adapter has no ${missing}`
    : ((await reasonOf(() => checkMatrices(gpu!))).reason ?? null);
  const offers: Offer[] = [];
  for (const precision of PRECISIONS)
    for (const task of TASKS) offers.push(await offerOf(gpu, precision, task, opened.reason));
  return { offers, noMatrices };
}

async function offerOf(
  gpu: Gpu | undefined,
  precision: Precision,
  task: Task,
  refusal: string | undefined,
): Promise<Offer> {
  if (precision === 'f32') return { precision, task, path: 'f32', reason: null };
  if (!gpu) return { precision, task, path: null, reason: refusal ?? null };
  const { value = null, reason = null } = await reasonOf(() => preparePrecision(gpu, precision, task));
  return { precision, task, path: value, reason };
}

/** What work gives, or why the precision is refused. */
async function reasonOf<T>(work: () => Promise<T>): Promise<{ value?: T; reason?: string }> {
  try {
    return { value: await work() };
  } catch (error) {
    if (error instanceof PrecisionError) return { reason: error.message };
    throw error;
  }
}

/** A line for each precision, or two where predictions and sweeps differ. */
export function offersText({ offers, noMatrices }: PrecisionOffers): string {
  const said = ({ path, reason }: Offer): string => (path === null ? `no: ${reason}` : PATHS[path]);
  const lines = PRECISIONS.flatMap((precision): [string, string][] => {
    const own = offers.filter((offer) => offer.precision === precision);
    const [first] = own;
    if (own.every((offer) => said(offer) === said(first!))) return [[precision, said(first!)]];
    // A refusal names its task itself.
    const named = (offer: Offer): string => (offer.path === null ? '' : `${offer.task}: `);
    return own.map((offer, i) => [i === 0 ? precision : '', `${named(offer)}${said(offer)}`]);
  });
  const matrices = noMatrices ?? 'they compute a known product correctly';
  return aligned(
    [...lines, ['f16 matrices', matrices] as const].map(([name, value]) => [`${name.padEnd(14)}  ${value}`]),
  );
}
