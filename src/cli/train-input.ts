/** What `train` reads before it trains: the tables, the network that fits them, and the run to continue. */

import {
  type Experiment,
  INPUT_LENGTH,
  inputLength,
  type Probes,
  type ReadProbes,
  type ReadProfiles,
  readProbes,
} from '../data/index.node.js';
import { count } from '../device/count.js';
import type { Architecture } from '../nn/architecture.js';
import { DEFAULT_ENERGIES } from '../nn/contexts.js';
import { type Identity, stateIn } from '../nn/files/fit-in-folder.node.js';
import type { TrainingState } from '../nn/training/fit.js';
import type { NetworkOptions, networkChoice } from './models/network-choice.js';
import { givenProfiles, profiled, type StructureOptions } from './models/structure.js';
import type { NormalisationOptions } from './normalisation-options.js';
import type { GpuFlags, ProfileOptions, SeededOptions } from './options.js';
import { columnChoiceOf, noteLeftOut, type ProbeOptions, readingOf } from './probe-options.js';
import { type Io, note } from './terminal/io.js';

export interface TrainOptions
  extends NetworkOptions,
    StructureOptions,
    NormalisationOptions,
    GpuFlags,
    ProfileOptions,
    SeededOptions,
    ProbeOptions {
  readonly out: string;
  readonly epochs: number;
  readonly batch: number;
  readonly learningRate: number;
  readonly length?: number;
  readonly validation: number;
  readonly test?: string;
  readonly resume?: boolean;
  readonly overwrite?: boolean;
}

/** The tables of a run. */
export interface TrainInput {
  readonly probes: ReadProbes;
  /** Probes to test on, in place of set B. */
  readonly other: ReadProbes | undefined;
  /** Where structure profiles were read; the probes have them then. */
  readonly profiles: ReadProfiles | undefined;
}

/**
 * Reads the tables and prints which records were left out. This comes before the division into training and
 * validation, which may refuse a table with too few records.
 */
export async function readInput(io: Io, data: string, options: TrainOptions): Promise<TrainInput> {
  const { test, iupacAsN } = options;
  const { signal } = io;
  const probes = await readProbes(data, { ...readingOf(options), signal });
  const { sequence, score } = columnChoiceOf(options);
  const columns = options.scores === undefined ? { sequence, score } : {};
  const other =
    test === undefined ? undefined : await readProbes(test, { columns, iupacAsN, oneFile: true, signal });
  for (const read of other ? [probes, other] : [probes])
    noteLeftOut(io, read.source, read.leftOut, read.notes);
  const profiles = await givenProfiles(io, options);
  return {
    probes: profiled(io, probes, profiles),
    other: other && profiled(io, other, profiles),
    profiles,
  };
}

/** The network that fits the probes. Prints a note where its input is longer than the paper's. */
export function shapeFor(
  io: Io,
  { probes, other }: TrainInput,
  options: TrainOptions,
  shapeOf: Awaited<ReturnType<typeof networkChoice>>,
): Architecture {
  const longest = inputLength(probes, ...(other ? [other] : []));
  const shape = shapeOf({
    length: options.length ?? longest,
    outputs: probes.tasks?.length ?? 1,
    fixed: options.length !== undefined,
  });
  if (options.length === undefined && longest > INPUT_LENGTH)
    note(
      io,
      `the longest probe has ${longest} letters, so the model's input has ${longest} positions (--length)`,
    );
  return shape;
}

/** Everything that must agree for a run to be continued. */
export const identityOf = (
  { probes, other, profiles }: TrainInput,
  architecture: Architecture,
  { normalisation, counts, stratified }: Experiment,
  { preset, seed, batch, learningRate, validation, structure }: TrainOptions,
): Identity => ({
  data: probes.sha256,
  'test data': other?.sha256 ?? null,
  ...(probes.scoresFile && { 'scores file': probes.scoresFile.sha256 }),
  preset,
  architecture,
  seed,
  batch,
  'learning rate': learningRate,
  'validation share': validation,
  normalisation,
  ...(structure && { 'structure profiles': profiles?.sha256 ?? `folded with ${DEFAULT_ENERGIES}` }),
  // Earlier versions divided a table with repeats record by record.
  ...(counts.repeated > 0 && { 'repeated sequences': 'on one side' }),
  ...(stratified && { division: 'rare scores apart' }),
});

/** The state to continue from; prints which epoch it has reached. */
export async function resumed(io: Io, out: string, identity: Identity): Promise<TrainingState | undefined> {
  const state = await stateIn(out, identity);
  note(
    io,
    state
      ? `resuming after epoch ${state.epoch}`
      : `no checkpoint in ${out} yet: starting from the beginning`,
  );
  return state;
}

/** Prints how many probes train, validate and test, and how many share their sequence. */
export function describeExperiment(io: Io, { source }: Probes, { counts, stratified }: Experiment): void {
  const { train, valid, test, unassigned, repeated, shared } = counts;
  note(
    io,
    `${source}: ${count(train, 'probe')} for training, ${valid.toLocaleString('en')} for validation, ${test.toLocaleString('en')} for testing`,
  );
  if (repeated > 0)
    note(
      io,
      `${count(repeated, 'probe repeats', 'probes repeat')} the sequence of another one; all probes with the same sequence go to the same part, training or validation`,
    );
  if (stratified)
    note(
      io,
      'a plain random split would leave one part with a single score, so the split is stratified by score',
    );
  if (shared > 0)
    note(
      io,
      `${shared} of the ${count(test, 'test probe')} ${shared === 1 ? 'has' : 'have'} a sequence that is also used for training or validation; the test is not independent of those`,
    );
  if (unassigned > 0)
    note(io, `${count(unassigned, 'probe is', 'probes are')} in neither set A nor set B and left out`);
  if (test === 0)
    note(io, 'there is no set B, so there will be no test score; name probes to test on with --test <file>');
}
