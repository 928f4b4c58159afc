/** What a model says of a motif database as a table, and as files in every format of importance tables. */

import { spell } from '../../data/sequences/letters.js';
import { alphabetIn } from '../model.js';
import {
  type Column,
  columnsToNpz,
  columnsToParquet,
  columnsToTsv,
  rowsOfColumns,
} from '../tables/columns.js';
import type { TableFormat } from '../tables/table-files.js';
import type { MotifDatabaseResult } from './motif-database.js';
import type { MotifImportance } from './motif-importance.js';

/** A motif, as one model or one of its outputs ranks it. */
interface Ranked extends MotifImportance {
  readonly model: string;
  readonly task: string;
}

type Field = readonly [name: string, kind: Column['kind'], value: (row: Ranked) => string | number];

const FIELDS: readonly Field[] = [
  ['rank', 'integer', ({ rank }) => rank],
  ['motif', 'text', ({ motif }) => motif.name],
  ['name', 'text', ({ motif }) => motif.alternateName ?? ''],
  ['consensus', 'text', ({ consensus }) => consensus],
  ['width', 'integer', ({ motif }) => motif.pwm.length],
  ['bits', 'number', ({ bits }) => bits],
  ['positions', 'text', ({ positions }) => positions.join(',')],
  ['importance', 'number', ({ importance }) => importance.mean],
  ['sd', 'number', ({ importance }) => importance.sd],
  ['se', 'number', ({ importance }) => importance.se],
  ['ci_low', 'number', ({ importance }) => importance.ciLow],
  ['ci_high', 'number', ({ importance }) => importance.ciHigh],
  ['min', 'number', ({ min }) => min],
  ['max', 'number', ({ max }) => max],
  ['t', 'number', ({ importance }) => importance.t],
  ['p', 'number', ({ importance }) => importance.p],
  ['q', 'number', ({ importance }) => importance.q],
  ['n', 'integer', ({ importance }) => importance.n],
  ['shuffled', 'number', ({ shuffled }) => shuffled.mean],
  ['shuffled_se', 'number', ({ shuffled }) => shuffled.se],
  ['specific', 'number', ({ specific }) => specific.mean],
  ['specific_se', 'number', ({ specific }) => specific.se],
  ['specific_ci_low', 'number', ({ specific }) => specific.ciLow],
  ['specific_ci_high', 'number', ({ specific }) => specific.ciHigh],
  ['specific_t', 'number', ({ specific }) => specific.t],
  ['specific_p', 'number', ({ specific }) => specific.p],
  ['specific_q', 'number', ({ specific }) => specific.q],
  ['score_r', 'number', ({ scoreR }) => scoreR],
];

/** The file of a motif, where the database has several. */
const fileOf = ({ motif }: Ranked): string => ('file' in motif ? String(motif.file) : '');
const FILE: Field = ['file', 'text', fileOf];

const IN_PADDING: Field = ['in_padding', 'integer', ({ inPadding }) => inPadding];

/**
 * The columns of the table: model by model and output by output, motifs in order of rank. Consensuses are in
 * the letters of the models' alphabet.
 *
 * @param names of the models. Default: their numbers, from 1
 */
export function motifColumns(
  { models, alphabet }: Pick<MotifDatabaseResult, 'models' | 'alphabet'>,
  names: readonly string[] = [],
): Column[] {
  const rows = models.flatMap(({ model, task, motifs }, r): Ranked[] =>
    motifs.map((each) => ({
      ...each,
      consensus: spell(each.consensus, alphabet),
      model: names[model ?? r] ?? String((model ?? r) + 1),
      task: task ?? '',
    })),
  );
  const isSeveral = new Set(models.map(({ model }, r) => model ?? r)).size > 1;
  const fields: readonly Field[] = [
    ...(isSeveral ? [['model', 'text', (row: Ranked) => row.model] as const] : []),
    ...(models.some(({ task }) => task !== undefined)
      ? [['task', 'text', (row: Ranked) => row.task] as const]
      : []),
    ...FIELDS,
    ...(new Set(rows.map(fileOf)).size > 1 ? [FILE] : []),
    ...(rows.some(({ inPadding }) => inPadding > 0) ? [IN_PADDING] : []),
  ];
  return fields.map(([name, kind, value]) => ({ name, kind, values: rows.map(value) }));
}

/** The contents of the table's file. @throws FormatError for names that the format cannot hold */
export async function encodeMotifTable(
  result: Pick<MotifDatabaseResult, 'models' | 'alphabet' | 'structure'>,
  format: TableFormat,
  { names, manifest }: { readonly names?: readonly string[]; readonly manifest: unknown },
): Promise<string | Uint8Array> {
  const columns = motifColumns(result, names);
  switch (format) {
    case 'tsv':
      return columnsToTsv(columns);
    case 'json':
      return `${JSON.stringify({ manifest, ...alphabetIn(result), rows: rowsOfColumns(columns) }, null, 2)}\n`;
    case 'parquet':
      return await columnsToParquet(columns, manifest);
    case 'npz':
      return await columnsToNpz(columns, manifest);
  }
}
