/**
 * `residualbind tune`: measures the matrix kernels' variants on the present adapter and keeps the winners.
 */

import { type Command, InvalidArgumentError } from 'commander';
import { chosenNames } from '../../data/chosen-names.js';
import type { ConvShape } from '../../kernels/matrix/conv-shape.js';
import { describeVariant, MATRIX_KERNELS, type MatrixKernel } from '../../kernels/matrix/variants.js';
import { type CandidateTiming, type KernelTuning, tune } from '../../kernels/tuning/tuning.js';
import { clearTuned, tuningFile, writeTuned } from '../../kernels/tuning/tuning-cache.node.js';
import { type AdapterOptions, examples, withAdapter } from '../options.js';
import { Session } from '../session.js';
import { aligned } from '../tables.js';
import { checkedOption } from '../terminal/errors.js';
import { type Io, note, printResult } from '../terminal/io.js';
import { Progress } from '../terminal/progress.js';
import { checkTuningFile } from '../tuned.js';

/**
 * Ratio of the upper to the lower quartile of a kernel's times. Above it, other work on the machine
 * dominates.
 */
const BUSY = 1.25;

interface TuneCommandOptions extends AdapterOptions {
  readonly kernels?: readonly MatrixKernel[];
  readonly dryRun?: boolean;
  readonly clear?: boolean;
}

export function addTune(program: Command, io: Io): void {
  const command = program
    .command('tune')
    .description(
      'find the fastest variants of the matrix kernels on this adapter, and use them in later runs',
    )
    .option(
      '--kernels <list>',
      `kernels to tune, from ${MATRIX_KERNELS.join(', ')} (default: all)`,
      kernelList,
    )
    .option('--dry-run', 'measure without storing the result')
    .option('--clear', "remove what was stored for this adapter and use the program's own tables again");
  withAdapter(command)
    .addHelpText(
      'after',
      `
A candidate must first give the same results as the variant of the program's
table, and a winner must be 3 % faster. All variants add in the same order, but a
compiler may round some of them differently: candidates whose results differ in
the last bits are marked ("rounds differently") and may win. The first run takes
minutes on an adapter that computes on the CPU, most of them for compiling. Keep
the machine idle while this runs. Candidates that are clearly slower are dropped
early; their speed is measured in fewer rounds.

The result is stored in the user's cache directory, for this adapter, driver
and version of the program. All commands use it, unless --no-tuned is given or
RESIDUALBIND_TUNED=0 is set.
${examples('tune', 'tune --kernels conv1d,dense_dw --dry-run', 'tune --adapter swiftshader --json', 'tune --clear')}`,
    )
    .action((options: TuneCommandOptions) => (options.clear ? clear(io, options) : measure(io, options)));
}

function kernelList(text: string): readonly MatrixKernel[] {
  const names = checkedOption(() => chosenNames(text));
  const unknown = names.find((name) => !MATRIX_KERNELS.some((kernel) => kernel === name));
  if (unknown !== undefined) {
    throw new InvalidArgumentError(
      `There is no kernel "${unknown}"; choose from ${MATRIX_KERNELS.join(', ')}.`,
    );
  }
  return MATRIX_KERNELS.filter((kernel) => names.includes(kernel));
}

/** Begins with the built-in kernels in use, not with those that an earlier run found. */
async function begin(io: Io, given: object, options: AdapterOptions): Promise<Session> {
  const session = await Session.start(io, { command: 'tune', given, options });
  await session.open(undefined, { ...options, tuned: false });
  return session;
}

async function clear(io: Io, options: TuneCommandOptions): Promise<void> {
  using session = await begin(io, {}, options);
  const { gpu } = session;
  const path = tuningFile(gpu);
  const cleared = await clearTuned(gpu);
  const text = cleared ? `Removed ${path}` : `There is no ${path}`;
  printResult(io, options.json, { command: 'tune', adapter: gpu.adapter, path, cleared }, text);
}

async function measure(io: Io, { kernels = MATRIX_KERNELS, ...options }: TuneCommandOptions): Promise<void> {
  using session = await begin(io, { kernels }, options);
  const { gpu } = session;
  if (!options.dryRun) await checkTuningFile(gpu);
  using progress = new Progress(io, { label: 'tuning', total: 1 });
  const tuning = await tune(gpu, {
    kernels,
    signal: io.signal,
    onProgress: ({ kernel, done, total }) => progress.update(done / total, { tail: kernel }),
  });
  progress.finish();
  const spread = Math.max(...tuning.kernels.map((it) => it.spread));
  if (spread > BUSY)
    note(
      io,
      `the same kernel took up to ${spread.toFixed(1)} times as long; tune again when the machine is idle`,
    );
  const chosen = Object.fromEntries(tuning.kernels.map((it) => [it.kernel, it.chosen]));
  const saved = options.dryRun ? null : await writeTuned(gpu, chosen);
  const record = await session.finish({ ...tuning, saved });
  const text = [
    ...tuning.kernels.map(describe),
    saved ? `Saved in ${saved}` : 'A dry run: nothing was saved.',
  ];
  printResult(io, options.json, record, text.join('\n\n'));
}

/** A kernel's candidates, and what was chosen. */
function describe({ kernel, shapes, table, chosen, speed, candidates }: KernelTuning): string {
  const outcome = chosen === table ? "the table's variant stays" : `${speed.toFixed(2)} times as fast`;
  const rows = candidates.map((candidate) => {
    const { variant, ms, gflops, rounds } = candidate;
    return [
      describeVariant(variant),
      ...shapes.flatMap((_, i) => [ms[i]?.toFixed(3) ?? '-', gflops[i]?.toFixed(1) ?? '-']),
      String(rounds),
      candidate.speed?.toFixed(2) ?? '-',
      variant === chosen ? 'chosen' : variant === table ? 'table' : remark(candidate),
    ];
  });
  const headings = shapes.flatMap((shape) => [`ms, ${size(shape)}`, 'GFLOP/s']);
  return [
    `${kernel}: ${outcome}`,
    aligned([['candidate', ...headings, 'rounds', 'speed', ''], ...rows]),
    ...candidates.flatMap(({ reason }) => (reason === undefined ? [] : [`  excluded: ${reason}`])),
  ].join('\n');
}

const remark = ({ agreement }: CandidateTiming): string =>
  ({ equal: '', close: 'rounds differently', wrong: 'wrong', failed: 'failed' })[agreement];

const size = ({ rows, length }: ConvShape): string =>
  length === 1 ? String(rows) : `${rows / length} x ${length}`;
