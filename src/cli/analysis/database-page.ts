/** The page of a motif database, and the files beside it. */

import { basename, join } from 'node:path';
import { describeRange } from '../../gia/backgrounds/letters.js';
import type { MotifDatabaseResult } from '../../gia/databases/index.js';
import type { StoredRow } from '../../gia/tables/table-reader.js';
import { MANIFEST_FILE } from '../../nn/files/model-files.node.js';
import type { Theme } from '../../report/page/page-style.js';
import { METHOD, unitOf } from '../../report/report-facts.js';
import { structureFacts } from '../../report/structure-words.js';
import { count, listed } from '../../report/wording.js';
import type { NamedMotifs } from '../known-motifs.js';
import { precisionFacts } from '../models/precision.js';
import { checkFolder, writeResult } from '../output/files.js';
import { jsonText } from '../output/output.js';
import { duration } from '../terminal/progress.js';
import type { AnalysisRun } from './analysis.js';

const PAGE = 'motifs.html';

/** Files that the command makes in the page's folder, beside figures. */
export const PAGE_FILES: readonly string[] = [PAGE, MANIFEST_FILE];

/** What is written. */
interface Shown {
  readonly result: MotifDatabaseResult;
  readonly database: NamedMotifs;
  /** The manifest. */
  readonly record: object;
  /** Rows of a sweep, where one was given. */
  readonly sweep: readonly StoredRow[] | undefined;
}

/** Writes figures and tables, the manifest, and last the page. */
export async function writeDatabasePage(
  run: AnalysisRun,
  { result, database, record, sweep }: Shown,
  folder: string,
  theme: Theme | undefined,
): Promise<void> {
  const { databaseReport } = await import('../../report/index.js');
  const { paths } = run.analysis;
  const { page, files } = await databaseReport({
    name: paths.length === 1 ? paths[0]! : count(paths.length, 'model'),
    models: paths,
    source: listed(database.paths.map((path) => basename(path))),
    unit: unitOf(run.files[0]!),
    result,
    sweep,
    facts: factsOf(run, result, database),
    theme,
  });
  for (const { path, contents } of files) {
    await checkFolder(join(folder, path, '..'));
    await writeResult(join(folder, path), contents);
  }
  await writeResult(join(folder, MANIFEST_FILE), jsonText(record));
  await writeResult(join(folder, PAGE), page);
}

/** How the page was made. */
function factsOf(
  { files, backgrounds, prepared, known, gpu, session }: AnalysisRun,
  { seed, structure }: MotifDatabaseResult,
  { paths: sources, sha256: digest, motifs }: NamedMotifs,
): readonly (readonly [string, string])[] {
  const { count: n, kind, order } = backgrounds;
  return [
    ['models', files.map(({ path, sha256 }) => `${path} (${sha256.slice(0, 12)}…)`).join(', ')],
    ...(files[0]!.facts.data ? [['trained on', files[0]!.facts.data.path] as const] : []),
    ['motifs', `${sources.join(', ')} (${count(motifs.length, 'motif')}, ${digest.slice(0, 12)}…)`],
    ['backgrounds', `${n}, ${kind}${order === undefined ? '' : ` of order ${order}`}, seed ${seed}`],
    ['sites', `one drawn from each matrix for each background, seed ${seed}`],
    ['letters', `probes have letters at positions ${describeRange(prepared.backgrounds.letters)}`],
    ...structureFacts(files[0]!.architecture, structure),
    ...precisionFacts(known),
    ['adapter', `${gpu.adapter.name} (${gpu.adapter.class})`],
    ['made', `${session.watch.started.toISOString()}, in ${duration(session.watch.seconds)}`],
    ['method', METHOD],
  ];
}
