/**
 * Text → `Probes`, for the two layouts met in the wild: a table with a header naming its columns, and two bare
 * columns (sequence and score, in either order). No file access here; see `read.node.ts`.
 */
import { FormatError } from '../device/errors.js';
import type { ProbeSet, Probes } from './probes.js';
import { canonicalSequence } from './sequence.js';
import { contentLines, type TextLine } from './text-lines.js';

type Column = 'sequence' | 'score' | 'set' | 'pool';

/** Accepted column names, lower case. */
const COLUMN_NAMES: Record<Column, readonly string[]> = {
  sequence: ['sequence', 'seq'],
  score: ['intensity', 'score'],
  set: ['set', 'fold', 'fold id'],
  pool: ['pool'],
};

/** Which field holds what; fixed by the first record and enforced on all others. */
interface Layout {
  readonly tabs: boolean;
  readonly width: number;
  readonly sequence: number;
  readonly score: number;
  /** −1 where the file has no such column. */
  readonly set: number;
  readonly pool: number;
  /** Why the score is expected where it is, for messages. */
  readonly reason: string;
  readonly hasHeader: boolean;
}

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const MISSING = /^(nan|na)?$/i;

/**
 * Reads probes from text. Records whose score is blank, NaN or NA are dropped and counted.
 * @param source file name or other origin, for messages and for `Probes.source`
 * @throws FormatError for a malformed record or when no scored probe is left, InvalidSequenceError for a bad
 * letter; both name source and line
 */
export function parseProbes(text: string, source = 'text'): Probes {
  const lines: number[] = [];
  const sequences: string[] = [];
  const scores: number[] = [];
  const sets: ProbeSet[] = [];
  const pools: string[] = [];
  let dropped = 0;
  let layout: Layout | undefined;
  for (const row of contentLines(text)) {
    const where = `${source}:${row.number}`;
    if (layout === undefined) {
      layout = detectLayout(row, where);
      if (layout.hasHeader) continue;
    }
    const fields = fieldsOf(row.text, layout.tabs);
    if (fields.length !== layout.width) {
      const separated = layout.tabs ? 'tab-separated' : 'space-separated';
      throw new FormatError(`${where}: expected ${layout.width} ${separated} fields, found ${fields.length}`);
    }
    const score = parseScore(fields[layout.score]!, layout, where);
    const sequence = canonicalSequence(fields[layout.sequence]!, where);
    const set = parseSet(fields[layout.set] ?? '', where);
    if (Number.isNaN(score)) {
      dropped++;
      continue;
    }
    lines.push(row.number);
    sequences.push(sequence);
    scores.push(score);
    sets.push(set);
    pools.push(fields[layout.pool] ?? '');
  }
  if (sequences.length === 0) {
    throw new FormatError(`${source}: no probe with a score (${dropped} records had none)`);
  }
  return {
    source,
    lines: Uint32Array.from(lines),
    sequences,
    scores: Float64Array.from(scores),
    sets,
    pools,
    dropped,
  };
}

function fieldsOf(row: string, tabs: boolean): string[] {
  return tabs ? row.split('\t').map((field) => field.trim()) : row.trim().split(/\s+/);
}

function detectLayout(first: TextLine, where: string): Layout {
  const tabs = first.text.includes('\t');
  const fields = fieldsOf(first.text, tabs);
  const names = fields.map((field) => field.toLowerCase());
  const find = (column: Column) => names.findIndex((name) => COLUMN_NAMES[column].includes(name));
  if (find('sequence') >= 0) {
    if (find('score') < 0) {
      throw new FormatError(`${where}: the header has no column named ${COLUMN_NAMES.score.join(' or ')}`);
    }
    return {
      tabs,
      width: fields.length,
      sequence: find('sequence'),
      score: find('score'),
      set: find('set'),
      pool: find('pool'),
      reason: `the header's column ${JSON.stringify(fields[find('score')])}`,
      hasHeader: true,
    };
  }
  const isScore = fields.map((field) => NUMBER.test(field) || MISSING.test(field));
  if (fields.length !== 2 || isScore[0] === isScore[1]) {
    throw new FormatError(
      `${where}: expected a header with the columns sequence and intensity (tab-separated), ` +
        `or a sequence and a score, found ${JSON.stringify(first.text)}`,
    );
  }
  const score = isScore[0] ? 0 : 1;
  return {
    tabs,
    width: 2,
    sequence: 1 - score,
    score,
    set: -1,
    pool: -1,
    reason: `the order of line ${first.number}`,
    hasHeader: false,
  };
}

/** NaN where the score is missing. */
function parseScore(field: string, { score: column, reason }: Layout, where: string): number {
  if (MISSING.test(field)) return Number.NaN;
  const score = NUMBER.test(field) ? Number(field) : Number.NaN;
  if (!Number.isFinite(score)) {
    throw new FormatError(
      `${where}: expected a finite score in column ${column + 1} (${reason}), found ${JSON.stringify(field)}`,
    );
  }
  return score;
}

function parseSet(field: string, where: string): ProbeSet {
  const set = field.toUpperCase();
  if (set === 'A' || set === 'B' || set === '') return set;
  throw new FormatError(`${where}: expected set A, B or blank, found ${JSON.stringify(field)}`);
}
