/**
 * Attributions by one model as files by extension: `.tsv` (one line per letter), `.json` and `.npz` (NumPy).
 * Returns their contents; writing them is the caller's.
 */

import { ALPHABET } from '../../data/sequences/sequence.js';
import { tsvField } from '../../data/tables/tsv-field.js';
import { count as counted } from '../../device/count.js';
import { ShapeError } from '../../device/errors.js';
import { npy, npyText } from '../tables/npy.js';
import { extensionOf } from '../tables/table-files.js';
import type { Attribution } from './attribution.js';
import type { IntegratedAttribution } from './integrated.js';

/** Files that attributions are written as. */
export const ATTRIBUTION_FORMATS = ['tsv', 'json', 'npz'] as const;
/** One of `ATTRIBUTION_FORMATS`. */
export type AttributionFormat = (typeof ATTRIBUTION_FORMATS)[number];

/** The format that a file's name asks for. @throws FormatError for any other */
export const attributionFormatOf = (path: string): AttributionFormat =>
  extensionOf(path, ATTRIBUTION_FORMATS, 'attributions');

/** Sequences as the user gave them. In the model's input they are centred (docs/method.md, Sequences). */
export interface GivenSequences {
  readonly names: readonly string[];
  readonly sequences: readonly string[];
  /** Dot-brackets, where they are known. */
  readonly structures?: readonly (string | undefined)[] | undefined;
}

/** One sequence, without the pads around it. */
export interface SequenceAttribution {
  readonly name: string;
  readonly sequence: string;
  /** Dot-bracket, where it is known. */
  readonly structure?: string;
  /** Position of its first letter in the model's input. */
  readonly offset: number;
  readonly prediction: number;
  /** f(baseline), of integrated gradients. */
  readonly baseline?: number;
  /** Sum of scores minus (prediction - baseline), of integrated gradients. */
  readonly gap?: number;
  /** By letter, one number per letter of the sequence. */
  readonly scores: Readonly<Record<string, readonly number[]>>;
  readonly heights: readonly number[];
}

/**
 * The sequences of an attribution by one model.
 *
 * @throws ShapeError unless the attribution is of so many sequences and one model
 */
export function bySequence(
  attribution: Attribution,
  { names, sequences, structures }: GivenSequences,
): SequenceAttribution[] {
  const { models, count, length, scores, heights, predictions } = attribution;
  if (models !== 1 || count !== sequences.length || count !== names.length)
    throw new ShapeError(
      `attributions of ${counted(count, 'sequence')} by ${counted(models, 'model')}, not of ${sequences.length} by one`,
    );
  const { completeness } = attribution as Partial<IntegratedAttribution>;
  return sequences.map((sequence, n) => {
    const offset = Math.floor((length - sequence.length) / 2);
    const part = (values: Float32Array, row: number) =>
      Array.from(values.subarray(row * length + offset, row * length + offset + sequence.length));
    const structure = structures?.[n];
    return {
      name: names[n]!,
      sequence,
      ...(structure !== undefined && { structure }),
      offset,
      prediction: predictions[n]!,
      ...(completeness && { baseline: completeness.baselines[n]!, gap: completeness.gaps[n]! }),
      scores: Object.fromEntries(Array.from(ALPHABET, (letter, a) => [letter, part(scores, 4 * n + a)])),
      heights: part(heights, n),
    };
  });
}

/**
 * The contents of a file. `.tsv`: columns index (of the sequence, from 1, since two may have one name),
 * sequence (its name), position (from 0, in the sequence), wild_type, letter, score, height; `.json`: `{
 * manifest, sequences: SequenceAttribution[] }`; `.npz`: scores [N, 4, L], heights [N, L], predictions,
 * offset, name, sequence [N], manifest.json, and of integrated gradients baselines and gaps [N].
 *
 * @throws ShapeError as `bySequence`
 */
export async function encodeAttribution(
  attribution: Attribution,
  given: GivenSequences,
  format: AttributionFormat,
  manifest: unknown,
): Promise<string | Uint8Array> {
  const rows = bySequence(attribution, given);
  switch (format) {
    case 'tsv':
      return toTsv(rows);
    case 'json':
      return `${JSON.stringify({ manifest, sequences: rows }, null, 1)}\n`;
    case 'npz':
      return await toNpz(attribution, rows, manifest);
  }
}

const digits = (value: number): string => String(Number(value.toPrecision(9)));

function toTsv(rows: readonly SequenceAttribution[]): string {
  const lines = ['index\tsequence\tposition\twild_type\tletter\tscore\theight'];
  for (const [index, { name, sequence, scores, heights }] of rows.entries()) {
    const label = [index + 1, tsvField(name)];
    for (let i = 0; i < sequence.length; i++) {
      for (const letter of ALPHABET) {
        const numbers = [digits(scores[letter]![i]!), digits(heights[i]!)];
        lines.push([...label, i, sequence[i]!, letter, ...numbers].join('\t'));
      }
    }
  }
  return `${lines.join('\n')}\n`;
}

async function toNpz(
  attribution: Attribution,
  rows: readonly SequenceAttribution[],
  manifest: unknown,
): Promise<Uint8Array> {
  const { strToU8, zipSync } = await import('fflate');
  const { count, length, scores, heights, predictions } = attribution;
  const { completeness } = attribution as Partial<IntegratedAttribution>;
  const files = {
    'scores.npy': npy('<f4', [count, 4, length], scores),
    'heights.npy': npy('<f4', [count, length], heights),
    'predictions.npy': npy('<f4', [count], predictions),
    'offset.npy': npy(
      '<i4',
      [count],
      Int32Array.from(rows, ({ offset }) => offset),
    ),
    'name.npy': npyText(rows.map(({ name }) => name)),
    'sequence.npy': npyText(rows.map(({ sequence }) => sequence)),
    ...(completeness && {
      'baselines.npy': npy('<f4', [count], completeness.baselines),
      'gaps.npy': npy('<f4', [count], completeness.gaps),
    }),
    'manifest.json': strToU8(JSON.stringify(manifest, null, 2)),
  };
  return zipSync(files, { level: 6 });
}
