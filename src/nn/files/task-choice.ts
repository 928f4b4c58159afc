/** Some of the tasks of a model: the head keeps their outputs, and what nobody asks for is not computed. */

import * as check from '../../device/check.js';
import { echo } from '../../device/echo.js';
import { type Architecture, headOf, outputsOf } from '../architecture.js';
import type { Weights } from '../weights.js';
import type { ModelFacts, StoredNormalisation } from './model-facts.js';

/** What a model's file says of its tasks. */
export interface WithTasks {
  readonly architecture: Architecture;
  readonly facts: ModelFacts;
}

/** Names of a model's tasks: those of its facts, or their numbers from 1. */
export const taskNames = ({ architecture, facts: { tasks } }: WithTasks): readonly string[] =>
  tasks ?? Array.from({ length: outputsOf(architecture) }, (_, i) => String(i + 1));

/**
 * The model with the outputs of the given tasks alone, in the order of the model. Architecture, weights and
 * facts are those of a model that was trained on these tasks; with one task left it is a model of one output.
 *
 * @param tasks names, as `taskNames` gives them
 * @throws ArgumentError for no task, or for a name that the model does not have
 * @example
 * const model = await uploadModels(gpu, [chooseTasks(await readModel('run'), ['RBFOX2'])]);
 */
export function chooseTasks<File extends WithTasks & { readonly weights: Weights }>(
  file: File,
  tasks: readonly string[],
): File {
  const place = check.argument('tasks');
  check.list(check.text, 1)(tasks, place);
  const names = taskNames(file);
  const unknown = tasks.find((task) => !names.includes(task));
  if (unknown !== undefined)
    throw place.error(`there is no task ${echo(unknown)}; the model has ${names.join(', ')}`);
  const kept = [...names.keys()].filter((output) => tasks.includes(names[output]!));
  if (kept.length === names.length) return file;
  const { architecture, facts, weights } = file;
  const { tasks: _, normalisation: stored, ...others } = facts;
  const normalisation = stored === undefined ? stored : normalisationOf(stored, kept, names.length);
  const head = { ...headOf(architecture), outputs: kept.length };
  return {
    ...file,
    architecture: { ...architecture, layers: [...architecture.layers.slice(0, -1), head] },
    weights: {
      ...weights,
      'out.w': columnsOf(weights['out.w']!, kept),
      'out.b': columnsOf(weights['out.b']!, kept),
    },
    facts: {
      ...others,
      ...(normalisation !== undefined && { normalisation }),
      ...(kept.length > 1 && { tasks: kept.map((output) => names[output]!) }),
    },
  };
}

/** Some columns of a tensor: indices of its last axis, which is that of the outputs. */
function columnsOf({ shape, data }: Weights[string], kept: readonly number[]): Weights[string] {
  const [width, chosen] = [shape.at(-1)!, kept.length];
  const from = (i: number) => Math.floor(i / chosen) * width + kept[i % chosen]!;
  const size = (data.length / width) * chosen;
  return {
    shape: [...shape.slice(0, -1), chosen],
    data: Float32Array.from({ length: size }, (_, i) => data[from(i)]!),
  };
}

/** Of the tasks that are kept; undefined where it does not hold one for each task. */
function normalisationOf(
  stored: StoredNormalisation,
  kept: readonly number[],
  tasks: number,
): StoredNormalisation | undefined {
  if (!stored) return stored;
  const all = [stored.fitted, ...(stored.others ?? [])];
  if (all.length !== tasks) return undefined;
  const [fitted, ...others] = kept.map((output) => all[output]!);
  return { scope: stored.scope, fitted: fitted!, ...(others.length > 0 && { others }) };
}
