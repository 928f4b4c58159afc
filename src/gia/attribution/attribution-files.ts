/**
 * Attributions by one model as files by extension: `.tsv` (one line per letter), `.json` and `.npz` (NumPy).
 * Returns their contents; writing them is the caller's.
 */

import { lettersOf, spell } from '../../data/sequences/letters.js';
import { tsvField } from '../../data/tables/tsv-field.js';
import { count as counted } from '../../device/count.js';
import { ShapeError } from '../../device/errors.js';
import { readoutAt } from '../model.js';
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

/** One sequence, without the pads around it, in the letters of the model's alphabet. */
export interface SequenceAttribution {
  readonly name: string;
  /** Name of the output, where the model has several. */
  readonly task?: string;
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

/** The part of an attribution that is by model `e`. */
export function attributionOf(attribution: Attribution, e: number): Attribution {
  const { models, scores, heights, predictions } = attribution;
  const own = (values: Float32Array): Float32Array => {
    const size = values.length / models;
    return values.subarray(e * size, (e + 1) * size);
  };
  return {
    ...attribution,
    models: 1,
    scores: own(scores),
    heights: own(heights),
    predictions: own(predictions),
  };
}

/**
 * The sequences of an attribution by one model, in the letters of its alphabet; of a model with several
 * outputs, every sequence output by output.
 *
 * @throws ShapeError unless the attribution is of so many sequences and one model
 */
export function bySequence(
  attribution: Attribution,
  { names, sequences, structures }: GivenSequences,
): SequenceAttribution[] {
  const { models, outputs = 1, count, length, scores, heights, predictions, alphabet } = attribution;
  const letters = Array.from(lettersOf(alphabet));
  if (models !== 1 || count !== sequences.length || count !== names.length)
    throw new ShapeError(
      `attributions of ${counted(count, 'sequence')} by ${counted(models, 'model')}, not of ${sequences.length} by one`,
    );
  const { completeness } = attribution as Partial<IntegratedAttribution>;
  return sequences.flatMap((sequence, n) => {
    const offset = Math.floor((length - sequence.length) / 2);
    const part = (values: Float32Array, row: number) =>
      Array.from(values.subarray(row * length + offset, row * length + offset + sequence.length));
    const structure = structures?.[n];
    return Array.from({ length: outputs }, (_, output) => {
      const row = output * count + n;
      const task = readoutAt(attribution, output)?.task;
      return {
        name: names[n]!,
        ...(task !== undefined && { task }),
        sequence: spell(sequence, alphabet),
        ...(structure !== undefined && { structure }),
        offset,
        prediction: predictions[row]!,
        ...(completeness && { baseline: completeness.baselines[row]!, gap: completeness.gaps[row]! }),
        scores: Object.fromEntries(letters.map((letter, a) => [letter, part(scores, 4 * row + a)])),
        heights: part(heights, row),
      };
    });
  });
}

/**
 * The contents of a file.
 *
 * - `.tsv`: columns index (of the sequence, from 1, since two may have one name), sequence (its name),
 *   position (from 0, in the sequence), wild_type, letter, score, height.
 * - `.json`: `{ manifest, sequences: SequenceAttribution[] }`.
 * - `.npz`: scores [N, 4, L], heights [N, L], predictions, offset, name, sequence [N], manifest.json; with
 *   integrated gradients also baselines and gaps [N].
 *
 * With several outputs, a `.tsv` has the column task after sequence; in an `.npz` scores, heights,
 * predictions, baselines and gaps have a first axis [outputs], and task [outputs] names them.
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
      return toTsv(rows, attribution.outputs);
    case 'json':
      return `${JSON.stringify({ manifest, sequences: rows }, null, 1)}\n`;
    case 'npz':
      return await toNpz(attribution, rows, manifest);
  }
}

const digits = (value: number): string => String(Number(value.toPrecision(9)));

function toTsv(rows: readonly SequenceAttribution[], outputs = 1): string {
  const task = outputs > 1 ? ['task'] : [];
  const lines = [
    ['index', 'sequence', ...task, 'position', 'wild_type', 'letter', 'score', 'height'].join('\t'),
  ];
  for (const [i, { name, task: output, sequence, scores, heights }] of rows.entries()) {
    const label = [
      Math.floor(i / outputs) + 1,
      tsvField(name),
      ...(output === undefined ? [] : [tsvField(output)]),
    ];
    for (let at = 0; at < sequence.length; at++) {
      for (const [letter, changes] of Object.entries(scores)) {
        const numbers = [digits(changes[at]!), digits(heights[at]!)];
        lines.push([...label, at, sequence[at]!, letter, ...numbers].join('\t'));
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
  const { outputs = 1, count, length, scores, heights, predictions } = attribution;
  const { completeness } = attribution as Partial<IntegratedAttribution>;
  const axis = outputs > 1 ? [outputs] : [];
  const bySequence = rows.filter((_, i) => i % outputs === 0);
  const files = {
    'scores.npy': npy('<f4', [...axis, count, 4, length], scores),
    'heights.npy': npy('<f4', [...axis, count, length], heights),
    'predictions.npy': npy('<f4', [...axis, count], predictions),
    'offset.npy': npy(
      '<i4',
      [count],
      Int32Array.from(bySequence, ({ offset }) => offset),
    ),
    'name.npy': npyText(bySequence.map(({ name }) => name)),
    'sequence.npy': npyText(bySequence.map(({ sequence }) => sequence)),
    ...(outputs > 1 && { 'task.npy': npyText(rows.slice(0, outputs).map(({ task }) => task!)) }),
    ...(completeness && {
      'baselines.npy': npy('<f4', [...axis, count], completeness.baselines),
      'gaps.npy': npy('<f4', [...axis, count], completeness.gaps),
    }),
    'manifest.json': strToU8(JSON.stringify(manifest, null, 2)),
  };
  return zipSync(files, { level: 6 });
}
