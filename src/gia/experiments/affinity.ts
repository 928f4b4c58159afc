/** Importances of motif variants against their measured affinities (paper, figure 2f). */

import { contentLines } from '../../data/text-lines.js';
import { count } from '../../device/count.js';
import { FormatError } from '../../device/errors.js';
import type { ResidualBind } from '../../nn/residualbind.js';
import { lettersIn } from '../backgrounds.js';
import { leastSquares } from '../paired.js';
import { defaultPosition } from '../placement.js';
import {
  type ExperimentOptions,
  type ExperimentResult,
  localsOf,
  motifOf,
  paddingMarks,
  pattern,
  rowsOf,
} from './study.js';

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** A variant and its dissociation constant. */
export interface MeasuredAffinity {
  readonly letters: string;
  /** In any unit, above 0; nM in the paper. */
  readonly kd: number;
}

export interface AffinityOptions extends ExperimentOptions {
  readonly measured: readonly MeasuredAffinity[];
  /** Default 17 where probes fill the input, else the middle of their letters. */
  readonly position?: number | undefined;
}

/**
 * Importance of every variant, and the least-squares line of it over ln K_D: `slope` with its interval, `intercept`, `r2`, `r`, `p` of the
 * slope and the number of `points` (a model that learned affinity has a slope below 0).
 *
 * @throws ShapeError for fewer than two variants; and as `importance`
 */
export async function affinity(
  model: ResidualBind,
  { measured, position: wanted, ...options }: AffinityOptions,
): Promise<ExperimentResult> {
  const { backgrounds } = options;
  const longest = Math.max(1, ...measured.map(({ letters }) => letters.length));
  const position =
    wanted ?? defaultPosition(lettersIn(backgrounds), backgrounds.length, longest, 'the longest variant');
  const at = ({ letters }: MeasuredAffinity) => pattern([motifOf(letters), position]);
  const patterns = measured.map(at);
  const { mark, note, found } = paddingMarks(patterns, backgrounds);
  const locals = await localsOf(model, patterns, options);
  const rows = rowsOf(
    model.models,
    measured,
    (variant, e) => locals[e]!.get(at(variant).name)!,
    (variant) => ({
      pattern: motifOf(variant.letters),
      kd: variant.kd,
      lnKd: Math.log(variant.kd),
      ...mark(at(variant)),
    }),
  );
  return {
    experiment: 'affinity',
    what: `${count(measured.length, 'variant')} at ${position} against ln K_D${note}`,
    ...found,
    backgrounds: backgrounds.count,
    rows,
    comparisons: [],
    facts: locals.map((_, e) => {
      const own = rows.filter((row) => row.model === e);
      const line = leastSquares(
        measured.map(({ kd }) => Math.log(kd)),
        own.map(({ importance }) => importance),
      );
      return { ...line };
    }),
  };
}

/**
 * Reads a table of variants and dissociation constants: two columns, separated by tab or comma, with or without a header
 * (a first line that holds neither a pattern nor a number).
 *
 * @throws FormatError naming source and line
 */
export function parseAffinities(text: string, source = 'text'): MeasuredAffinity[] {
  const measured: MeasuredAffinity[] = [];
  let isFirst = true;
  for (const { number, text: line } of contentLines(text)) {
    const where = `${source}:${number}`;
    const cells = line.split(/[\t,]/).map((cell) => cell.trim());
    if (cells.length > 2)
      throw new FormatError(`${where}: expected 2 columns (pattern and K_D), found ${cells.length}`);
    const [written = '', value = ''] = cells;
    const isPattern = /^[acgut]+$/i.test(written);
    const isHeader = isFirst && !isPattern && value !== '' && !NUMBER.test(value);
    isFirst = false;
    if (isHeader) continue;
    if (!isPattern) throw new FormatError(`${where}: "${written}" is no pattern of A, C, G and U (or T)`);
    const letters = motifOf(written);
    const kd = Number(value);
    if (!NUMBER.test(value) || !(kd > 0) || !Number.isFinite(kd))
      throw new FormatError(`${where}: K_D "${value}" must be a number above 0`);
    if (measured.some((known) => known.letters === letters))
      throw new FormatError(`${where}: ${letters} was there before`);
    measured.push({ letters, kd });
  }
  if (measured.length < 3)
    throw new FormatError(`${source}: ${measured.length} affinities; a line's p takes at least 3`);
  return measured;
}
