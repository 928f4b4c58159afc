/** `gia sweep --data`: the k-mers of a sweep beside what probes measured. */

import { evaluationSet, type Probes, readProbes } from '../../data/index.node.js';
import { spell } from '../../data/sequences/letters.js';
import { breathing } from '../../device/breathe.js';
import { count } from '../../device/count.js';
import { type Measured, measuredBeside, measurementsInSteps } from '../../gia/measurement/measurements.js';
import type { GiaTable } from '../../gia/tables/table.js';
import { type Agreement, agreements } from '../../nn/agreement.js';
import { type ModelFile, readModel } from '../../nn/files/model-files.node.js';
import { coefficient } from '../../report/correlation.js';
import { measuredNumbers, measuredWarning } from '../../report/sections/measured-section.js';
import { normalisationOf, predictWithProgress, soughtTasks } from '../models/models.js';
import { checkTasks, noteLeftOut, readingOf } from '../probe-options.js';
import { aligned } from '../tables.js';
import { type Io, note } from '../terminal/io.js';
import type { AnalysisOptions, AnalysisRun } from './analysis.js';

/** A sweep of one model and task beside measurements. */
interface Beside {
  /** Empty where there is one. */
  readonly name: string;
  readonly measured: Measured;
  /** Of the network with set B, where the table has one. */
  readonly network: Agreement | undefined;
}

/** Reads the table of --data: the columns of the tasks of the model at `path`. */
export async function readMeasured(
  io: Io,
  data: string,
  path: string,
  options: AnalysisOptions,
): Promise<Probes> {
  const tasks = soughtTasks(await readModel(path), options);
  const reading = { ...readingOf(options), tasks, oneFile: true, signal: io.signal };
  const probes = await readProbes(data, reading);
  noteLeftOut(io, probes.source, probes.leftOut, probes.notes);
  return probes;
}

/** @throws UsageError for models that do not say how scores were normalised, or of other tasks */
export function checkMeasured({ files, model }: AnalysisRun, probes: Probes): void {
  for (const file of files) {
    normalisationOf(file, '--data');
    checkTasks(probes, model.outputs, file.facts.tasks);
  }
}

/** Puts the table of a sweep beside measurements: lines for the terminal, and numbers for JSON. */
export async function besideData(io: Io, run: AnalysisRun, probes: Probes, table: GiaTable) {
  const all: Beside[] = [];
  const { files, model, analysis } = run;
  const networks = await networksOf(io, run, probes);
  for (const [m, file] of files.entries()) {
    const measurements = await breathing(measurementsInSteps(probes, file), io.signal);
    for (let output = 0; output < model.outputs; output++) {
      const { model: modelName, task } = nameOf(run, file, m, output);
      const own = table.rows.filter((row) => row.model === modelName && row.task === task);
      const measured = measuredBeside(measurements, own, output);
      if (!measured) continue;
      const name = [modelName, task].filter((part) => part !== undefined).join(', ');
      all.push({ name, measured, network: networks?.[m * model.outputs + output] });
    }
  }
  for (const { name, measured } of all) {
    const warning = measuredWarning(measured);
    if (warning !== undefined) note(io, name === '' ? warning : `${name}: ${warning}`);
  }
  return {
    text: all.map((each) => textOf(each, probes, analysis.shown, run)),
    json: {
      measured: all.map(({ name, measured, network }) => ({
        ...(name !== '' && { name }),
        ...measuredNumbers(measured),
        ...(network && { network }),
      })),
    },
  };
}

/** What the rows of a model's output are called in a table. */
const nameOf = ({ files, analysis, model }: AnalysisRun, file: ModelFile, m: number, output: number) => ({
  model: files.length > 1 ? analysis.paths[m] : undefined,
  task: model.outputs > 1 ? file.facts.tasks?.[output] : undefined,
});

/** How well every model and output predicts set B; undefined for a table without sets. */
async function networksOf(
  io: Io,
  { files, model }: AnalysisRun,
  probes: Probes,
): Promise<readonly Agreement[] | undefined> {
  if (!probes.sets.includes('B')) return undefined;
  const tests = files.map((file) => evaluationSet(probes, file, 'B'));
  const predictions = await predictWithProgress(io, model, tests[0]!, 'predicting set B');
  const own = predictions.length / files.length;
  return tests.flatMap(({ scores }, m) =>
    agreements(predictions.subarray(m * own, (m + 1) * own), scores, model.outputs),
  );
}

function textOf(
  { name, measured, network }: Beside,
  probes: Probes,
  shown: number,
  run: AnalysisRun,
): string {
  const { beside, ridge } = measured;
  const { alphabet } = run.model;
  const best = beside.best
    ? `; the best measured is ${spell(beside.best.pattern, alphabet)}, number ${beside.best.rank.toLocaleString('en')} by importance`
    : '';
  const table = aligned([
    ['k-mer', 'rank', 'importance', 'mean score', 'probes', 'rank by score'],
    ...beside.rows
      .slice(0, shown)
      .map((row) => [
        row.pattern,
        String(row.rank),
        row.importance.toFixed(4),
        Number.isNaN(row.measured) ? '' : row.measured.toFixed(4),
        String(row.probes),
        row.measuredRank > 0 ? String(row.measuredRank) : 'too few',
      ]),
  ]);
  const r = [
    ...(network ? [`of the network ${coefficient(network.pearson)}`] : []),
    ...(ridge ? [`of a regression on ${ridge.k}-mers ${coefficient(ridge.pearson)}`] : []),
  ];
  return [
    `${name === '' ? '' : `${name}: `}Compared with the measurements of ${count(probes.sequences.length, 'probe')} (importance and mean score correlate at r = ${coefficient(beside.pearson, 3)}${best}):`,
    table,
    ...(r.length > 0 ? [`  test r ${r.join(', ')}`] : []),
  ].join('\n');
}
