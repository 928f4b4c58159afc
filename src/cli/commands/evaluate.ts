/** `residualbind evaluate`: how well a model's predictions agree with measured scores. */

import type { Command } from 'commander';
import { type EvaluationSet, evaluationSet, readProbes } from '../../data/index.node.js';
import { count } from '../../device/count.js';
import { type Evaluation, evaluations } from '../../nn/agreement.js';
import { inputOf, outputsOf } from '../../nn/architecture.js';
import { readModel } from '../../nn/files/model-files.node.js';
import { byTask, coefficient, whyNoAreas, whyUndefined } from '../../report/correlation.js';
import {
  aboutModel,
  chosenTasks,
  normalisationOf,
  noteFirst,
  notePredictionCost,
  predictWithProgress,
  soughtTasks,
  type TaskOptions,
  withTask,
} from '../models/models.js';
import {
  aboutProfiles,
  type ProfilesOptions,
  profiled,
  profilesOf,
  structured,
  withProfiles,
} from '../models/structure.js';
import {
  choice,
  examples,
  type GpuFlags,
  type ProfileOptions,
  precisionOption,
  withGpu,
  withProfile,
} from '../options.js';
import { checkTasks, noteLeftOut, type ProbeOptions, readingOf, withProbes } from '../probe-options.js';
import { Session } from '../session.js';
import { type Io, note, printResult } from '../terminal/io.js';

interface EvaluateOptions extends GpuFlags, ProfileOptions, ProbeOptions, ProfilesOptions, TaskOptions {
  readonly set?: 'A' | 'B' | 'all';
}

export function addEvaluate(program: Command, io: Io): void {
  const command = program
    .command('evaluate')
    .description('compare predictions with measured scores: correlations, and for classes AUROC and AUPRC')
    .argument('<model>', 'directory that train wrote, or a .safetensors file')
    .argument('<data>', 'probes and scores, as for train')
    .addOption(
      choice('--set <set>', 'which probes (default: B where the file has sets, else all)', ['A', 'B', 'all']),
    );
  withGpu(withProfile(withProbes(withTask(withProfiles(command.addOption(precisionOption()))))))
    .addHelpText(
      'after',
      `
Scores are transformed and normalised as in training, with the numbers that were fitted there.
Pearson's r is computed from the transformed scores. For models trained with --head classification,
AUROC (ties count half) and AUPRC (average precision) are printed too.
${examples('evaluate run probes.tsv.gz', 'evaluate run probes.tsv.gz --set A --json', 'evaluate many library.tsv --task RBFOX2', 'evaluate run probes.tsv.gz --profiles profiles.tsv.gz')}`,
    )
    .action((model: string, data: string, options: EvaluateOptions) => evaluate(io, model, data, options));
}

async function evaluate(io: Io, path: string, data: string, options: EvaluateOptions): Promise<void> {
  const { precision } = options;
  using session = await Session.start(io, { command: 'evaluate', given: { model: path, data }, options });
  await noteFirst(io, path);
  const whole = await readModel(path);
  const file = chosenTasks(whole, options);
  const { tasks, data: trained } = file.facts;
  const sought = soughtTasks(whole, options);
  const all = await readProbes(data, { ...readingOf(options), tasks: sought, signal: io.signal });
  noteLeftOut(io, data, all.leftOut, all.notes);
  checkTasks(all, outputsOf(file.architecture), tasks);
  const normalisation = normalisationOf(file, 'evaluate');
  const profiles = await profilesOf(io, file, options);
  const probes = evaluationSet(profiled(io, all, profiles), file, options.set);
  noteDependence(io, probes, trained?.sha256 === all.sha256);
  await session.open('predictions');
  const model = await session.upload(file);
  session.stage('predict');
  const { scores, set } = probes;
  const [input] = await structured(io, session.gpu, file.architecture, probes);
  const computed = await notePredictionCost(io, model, input, precision);
  const predictions = await predictWithProgress(io, model, input, 'predicting', precision);
  const metrics = evaluations(predictions, scores, model.outputs, inputOf(file.architecture).head);
  const transforms = normalisation
    ? [normalisation.fitted, ...(normalisation.others ?? [])].map(
        (fit) => fit[set === 'B' ? 'test' : 'train'],
      )
    : [];
  const about = {
    path: data,
    sha256: all.sha256,
    ...(all.leftOut && { leftOut: all.leftOut }),
    ...(all.scoresFile && { scores: all.scoresFile }),
    ...aboutProfiles(profiles),
  };
  const manifest = await session.finish({ ...aboutModel(file), ...computed, input: about });
  const where = set === 'all' ? 'all of the file' : `set ${set}`;
  const text = [
    ...metrics.flatMap((each, i) => agreementLines(each, where, tasks?.[i])),
    `scores    ${scoresText(transforms)}`,
    ...metrics.flatMap((each, i) => undefinedLine(each, tasks?.[i])),
  ];
  const fits = tasks ? { transforms } : { transform: transforms[0] ?? null };
  printResult(io, options.json, { ...byTask(metrics, tasks), set, ...fits, ...manifest }, text.join('\n'));
}

/** Says where the probes are not independent of those that trained the model. */
function noteDependence(io: Io, { probes, set, shared }: EvaluationSet, isSameFile: boolean): void {
  if (isSameFile && set !== 'B')
    note(io, 'the model was trained on this file, so this is not an independent test');
  if (shared > 0)
    note(
      io,
      `${shared} of the ${count(probes.sequences.length, 'probe')} in set B ${shared === 1 ? 'has' : 'have'} a sequence of set A; the result is not independent of those`,
    );
}

/** Measures of a task, one per line; a single task has no name. */
function agreementLines(metrics: Evaluation, where: string, task: string | undefined): string[] {
  const { auroc, auprc, positives } = metrics;
  const areas =
    auroc === undefined || auprc === undefined || positives === undefined
      ? []
      : [
          `AUROC     ${coefficient(auroc)}`,
          `AUPRC     ${coefficient(auprc)} (average precision; ${positives.toLocaleString('en')} of ${count(metrics.n, 'probe')} ${positives === 1 ? 'is' : 'are'} of class 1)`,
        ];
  return [
    ...(task === undefined ? [] : [`${task}:`]),
    ...areas,
    `Pearson   ${coefficient(metrics.pearson)}`,
    `Spearman  ${coefficient(metrics.spearman)}`,
    `n         ${count(metrics.n, 'probe')}, ${where}`,
  ];
}

/** Why a task has no correlations or no areas, where it has none. */
function undefinedLine(metrics: Evaluation, task: string | undefined): string[] {
  const [why, whyAreas] = [whyUndefined(metrics), whyNoAreas(metrics)];
  const of = task === undefined ? '' : ` of ${task}`;
  return [
    ...(whyAreas === undefined ? [] : [`AUROC and AUPRC${of} are undefined, since ${whyAreas}.`]),
    ...(why === undefined ? [] : [`Correlations${of} are undefined, since ${why}.`]),
  ];
}

/**
 * How scores were normalised: classes are not, a single task has one transform, several tasks have one each.
 */
function scoresText(transforms: readonly { readonly kind: string; readonly n: number }[]): string {
  const [first, ...others] = transforms;
  if (!first) return 'classes 0 and 1';
  const fitted = `${first.kind} transform and z-score fitted to`;
  return others.length === 0
    ? `${fitted} ${first.n.toLocaleString('en')} scores in training`
    : `${fitted} the training scores of each task`;
}
