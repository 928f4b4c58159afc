/**
 * Compares methods on the same experiments: the test correlation of each, the differences between them with
 * paired bootstrap intervals over probes, and over experiments Wilcoxon's signed-rank test.
 */

import { breathing, nextTurn, throwIfCancelled } from '../../device/breathe.js';
import * as check from '../../device/check.js';
import { ArgumentError, DataError } from '../../device/errors.js';
import type { Gpu } from '../../device/gpu.js';
import { LEAST_CORRELATED } from '../agreement.js';
import { spearman } from '../metrics.js';
import { checkTraining, checkValidation } from '../training/examples.js';
import { type Difference, type Interval, pairedCorrelationsInSteps } from './correlations.js';
import {
  COMPARED_METHODS,
  type ComparedExperiment,
  type ComparedMethod,
  type ComparedParts,
  folderName,
  type LoadedExperiment,
  type MethodOptions,
  type TrainedMethod,
  trainMethod,
} from './methods.node.js';
import { type SignedRanks, signedRanks } from './wilcoxon.js';

/** How methods are compared. */
export interface CompareOptions extends MethodOptions {
  /** Default: all. */
  readonly methods?: readonly ComparedMethod[] | undefined;
  /** Of the bootstrap. Default 1,000. */
  readonly resamples?: number | undefined;
  /** Called when a method has been trained and tested. */
  readonly onMethod?: ((experiment: string, result: Omit<MethodResult, keyof Interval>) => void) | undefined;
}

/** A method on one experiment: Pearson's r on the test part with its 95 % interval. */
export interface MethodResult extends Interval, Omit<TrainedMethod, 'predictions'> {
  readonly method: ComparedMethod;
  /** Spearman's rank correlation on the test part; NaN where all predictions are equal. */
  readonly spearman: number;
}

/** r of method `a` less r of method `b`, on one experiment. */
export interface MethodDifference extends Interval {
  readonly a: ComparedMethod;
  readonly b: ComparedMethod;
}

/** All methods on one experiment. */
export interface ExperimentComparison {
  readonly name: string;
  /** Test records. */
  readonly n: number;
  readonly methods: readonly MethodResult[];
  /** All pairs, each method less every earlier one. */
  readonly differences: readonly MethodDifference[];
}

/** Two methods over all experiments. */
export interface MethodTest extends SignedRanks {
  readonly a: ComparedMethod;
  readonly b: ComparedMethod;
  /** Median over experiments of r of `a` less r of `b`. */
  readonly median: number;
}

/** An experiment that could not be compared, and why. */
export interface FailedExperiment {
  readonly name: string;
  readonly message: string;
}

/** The whole comparison. */
export interface Comparison {
  /** Experiments whose data or training failed; the others are compared all the same. */
  readonly failed: readonly FailedExperiment[];
  readonly experiments: readonly ExperimentComparison[];
  /**
   * Of every pair of methods, over the experiments in which both have a correlation; empty for one
   * experiment.
   */
  readonly tests: readonly MethodTest[];
}

const OPTIONS = {
  methods: check.optional(check.list(check.oneOf(...COMPARED_METHODS), 1)),
  epochs: check.optional(check.whole(1)),
  batch: check.optional(check.whole(1)),
  seed: check.optional(check.whole(0, check.U32 - 10)),
  resamples: check.optional(check.whole(40)),
  modelsAtOnce: check.optional(check.whole(1)),
  folder: check.optional(check.text),
  signal: check.optional(check.signal),
};

/**
 * Trains every method on every experiment and compares them. The networks of a method are trained side by
 * side, up to 32 experiments at a time; each has the bits that it has alone on adapters that compute on the
 * CPU.
 *
 * @throws ArgumentError naming the option; DataError for two experiments of one name, or where every
 * experiment failed; ConflictError where the folder has runs of other data or options; CancelledError
 * @example
 * const { experiments } = await compareMethods(gpu, data.experimentsIn(set), {
 *   folder: 'runs',
 * });
 */
export async function compareMethods(
  gpu: Gpu,
  experiments: readonly ComparedExperiment[],
  options: CompareOptions = {},
): Promise<Comparison> {
  check.options(options, OPTIONS);
  checkNames(experiments);
  const chosen = options.methods ?? COMPARED_METHODS;
  const methods = COMPARED_METHODS.filter((method) => chosen.includes(method));
  const compared: ExperimentComparison[] = [];
  const failed: (FailedExperiment & { readonly error: DataError })[] = [];
  const fail = (name: string, error: unknown): void => {
    if (!(error instanceof DataError)) throw error;
    failed.push({ name, message: error.message, error });
  };
  for (let from = 0; from < experiments.length; from += TOGETHER) {
    const loaded: LoadedExperiment[] = [];
    for (const { name, parts } of experiments.slice(from, from + TOGETHER)) {
      await nextTurn();
      throwIfCancelled(options.signal);
      try {
        loaded.push({ name, ...checked(name, parts()) });
      } catch (error) {
        fail(name, error);
      }
    }
    compared.push(...(await compareOn(gpu, loaded, methods, options, fail)));
  }
  if (compared.length === 0 && failed[0]) throw failed[0].error;
  return {
    failed: failed.map(({ name, message }) => ({ name, message })),
    experiments: compared,
    tests: testsOf(compared, methods),
  };
}

/** Experiments that are in memory, and trained, together. */
const TOGETHER = 32;

/** What methods have learned of an experiment. */
interface Learned {
  readonly experiment: LoadedExperiment;
  readonly trained: TrainedMethod[];
  readonly results: Omit<MethodResult, keyof Interval>[];
}

/** Trains methods, one after the other, each on all experiments; and compares them on each experiment. */
async function compareOn(
  gpu: Gpu,
  experiments: readonly LoadedExperiment[],
  methods: readonly ComparedMethod[],
  options: CompareOptions,
  fail: (name: string, error: DataError) => void,
): Promise<readonly ExperimentComparison[]> {
  let all: readonly Learned[] = experiments.map((experiment) => ({ experiment, trained: [], results: [] }));
  for (const method of methods) {
    if (all.length === 0) break;
    const found = await trainMethod(
      gpu,
      method,
      all.map(({ experiment }) => experiment),
      options,
    );
    all = all.filter(({ experiment: { name, test }, trained, results }, e) => {
      const own = found[e]!;
      if (own instanceof DataError) {
        fail(name, own);
        return false;
      }
      const { predictions, ...rest } = own;
      const result = { method, ...rest, spearman: spearman(predictions, test.scores) };
      trained.push(own);
      results.push(result);
      options.onMethod?.(name, result);
      return true;
    });
  }
  const compared: ExperimentComparison[] = [];
  for (const learned of all) compared.push(await comparisonOf(learned, methods, options));
  return compared;
}

async function comparisonOf(
  { experiment: { name, test }, trained, results }: Learned,
  methods: readonly ComparedMethod[],
  options: CompareOptions,
): Promise<ExperimentComparison> {
  const { resamples, seed, signal } = options;
  const { correlations, differences } = await breathing(
    pairedCorrelationsInSteps(
      trained.map(({ predictions }) => predictions),
      test.scores,
      { resamples, seed },
    ),
    signal,
  );
  const named = ({ a, b, ...interval }: Difference): MethodDifference => ({
    a: methods[a]!,
    b: methods[b]!,
    ...interval,
  });
  return {
    name,
    n: test.scores.length,
    methods: results.map((result, i) => ({ ...result, ...correlations[i]! })),
    differences: differences.map(named),
  };
}

function testsOf(
  experiments: readonly ExperimentComparison[],
  methods: readonly ComparedMethod[],
): readonly MethodTest[] {
  if (experiments.length < 2) return [];
  return methods.flatMap((a, i) =>
    methods.slice(0, i).map((b, j): MethodTest => {
      const pairs = experiments
        .map((each) => [each.methods[i]!.value, each.methods[j]!.value] as const)
        .filter((pair) => !pair.some(Number.isNaN));
      const [ofA, ofB] = [pairs.map(([r]) => r), pairs.map(([, r]) => r)];
      return { a, b, median: median(pairs.map(([x, y]) => x - y)), ...signedRanks(ofA, ofB) };
    }),
  );
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

function checkNames(experiments: readonly ComparedExperiment[]): void {
  if (experiments.length === 0)
    throw new ArgumentError('experiments', 'there are no experiments to compare on');
  const folders = new Map<string, string>();
  for (const { name } of experiments) {
    const other = folders.get(folderName(name));
    if (other !== undefined)
      throw new DataError(
        other === name
          ? `two experiments are called ${name}; give them different names`
          : `the experiments ${other} and ${name} would share the folder ${folderName(name)}; rename one`,
      );
    folders.set(folderName(name), name);
  }
}

/** @throws DataError where nothing can be learned, validated or tested */
function checked(name: string, parts: ComparedParts): ComparedParts {
  checkTraining(parts.train, 'regression', 1, `${name}, training`);
  checkValidation(parts.valid, 'regression', 1, `${name}, validation`);
  const { length } = parts.test.scores;
  if (length < LEAST_CORRELATED)
    throw new DataError(
      `${name}: ${length} records to test on are too few; a correlation needs at least ${LEAST_CORRELATED}. Mark them as set B, or give a second table (--test)`,
    );
  return parts;
}
