/**
 * HDF5 files as the authors of ResidualBind released them → `ExperimentSet`, in Node: `X_train`, `X_valid`
 * and `X_test` [N, channels, positions] hold one-hot sequences, `Y_train` … [N, E] scores, and `experiment`
 * names. The file of 2009 has the same within a group. Rows are read in slices.
 */
import type { Dataset, Group } from 'h5wasm/node';
import { Breath } from '../../device/breathe.js';
import { count } from '../../device/count.js';
import { FormatError } from '../../device/errors.js';
import { isDataset, isGroup, withHdf5 } from '../../device/hdf5.node.js';
import { digestOfFile } from '../files/file-digest.node.js';
import type { ReadOptions } from '../files/text-file.node.js';
import { ALPHABET, ANY } from '../sequences/letters.js';
import { type ExperimentSet, SETS } from './experiment-set.js';
import { MOST, SetBuilder } from './set-builder.js';

/** Parts of a file, and the set that each is. Validation is a part of set A. */
const PARTS = [
  { name: 'train', set: 'A', validates: false },
  { name: 'valid', set: 'A', validates: true },
  { name: 'test', set: 'B', validates: false },
] as const;

/** Channels of sequences, and of sequences with P and U, or with P, H, I, M and E. */
const CHANNELS: readonly number[] = [4, 6, 9];

const LONGEST_INPUT = 2048;
const ROWS = 4096;

/** Largest piece that is unpacked at once, in bytes. */
const LARGEST_CHUNK = 2 ** 28;

/** A part that is there. */
export interface Part {
  readonly name: string;
  readonly set: number;
  readonly validates: boolean;
  readonly x: Dataset;
  readonly y: Dataset;
  readonly records: number;
  readonly channels: number;
  readonly positions: number;
  readonly experiments: number;
}

/**
 * Reads a file of many experiments.
 *
 * @throws FormatError for a file of another kind or a damaged one, naming the dataset and record
 */
export async function readHdf5(path: string, { signal }: ReadOptions = {}): Promise<ExperimentSet> {
  const sha256 = await digestOfFile(path, { signal });
  return await withHdf5(path, async (root) => {
    const group = experimentsIn(root, path);
    const parts = partsIn(group, path);
    const first = parts[0]!;
    const other = parts.find(({ experiments }) => experiments !== first.experiments);
    if (other)
      throw new FormatError(
        `${path}: Y_${first.name} has ${count(first.experiments, 'experiment')}, but Y_${other.name} has ${other.experiments}`,
      );
    const builder = new SetBuilder(path, namesIn(group, first.experiments, path));
    const breath = new Breath(signal);
    for (const part of parts) await readPart(part, builder, path, breath);
    if (builder.records === 0) throw new FormatError(`${path}: no probe with a score`);
    const hasProfiles = parts.some(({ channels }) => channels > ALPHABET.length);
    const notes = hasProfiles
      ? [
          `${path}: only the sequences and scores are read; its structure channels are read by train --structure with --profiles ${path}`,
        ]
      : [];
    return builder.finish([{ path, sha256 }], notes);
  });
}

const LAYOUT =
  'expected X_train, X_valid and X_test of [probes, 4, positions], Y_train … of [probes, experiments], and experiment with their names';

const hasParts = (group: Group): boolean => group.keys().some((key) => /^X_(train|valid|test)$/.test(key));

/** The parts that a group has, at least one. @throws FormatError for other shapes, naming the dataset */
export function partsIn(group: Group, path: string): Part[] {
  const parts = PARTS.flatMap((part) => partOf(group, part, path));
  if (parts.length === 0) throw new FormatError(`${path}: there is no X_train, X_valid or X_test; ${LAYOUT}`);
  return parts;
}

/** The group that has the parts: the root, or a group in it. */
export function experimentsIn(root: Group, path: string): Group {
  if (hasParts(root)) return root;
  const names = root.keys();
  const groups = names
    .map((name) => root.get(name))
    .filter(isGroup)
    .filter(hasParts);
  if (groups.length > 1)
    throw new FormatError(
      `${path}: ${groups.length} groups hold probes; copy one of them into a file of its own`,
    );
  if (groups[0]) return groups[0];
  const isKeras = Object.keys(root.attrs).includes('layer_names');
  throw new FormatError(
    isKeras
      ? `${path}: holds the weights of a Keras model, not probes; residualbind convert makes a model of them`
      : `${path}: an HDF5 file without probes; ${LAYOUT}`,
  );
}

function datasetIn(group: Group, name: string, path: string): Dataset | undefined {
  if (!group.keys().includes(name)) return undefined;
  const found = group.get(name);
  if (!isDataset(found)) throw new FormatError(`${path}: ${name} is not a dataset; ${LAYOUT}`);
  return found;
}

function partOf(group: Group, { name, set, validates }: (typeof PARTS)[number], path: string): Part[] {
  const [x, y] = [datasetIn(group, `X_${name}`, path), datasetIn(group, `Y_${name}`, path)];
  if (!x && !y) return [];
  if (!x || !y)
    throw new FormatError(`${path}: there is ${x ? 'X' : 'Y'}_${name}, but no ${x ? 'Y' : 'X'}_${name}`);
  const [records = 0, channels = 0, positions = 0, ...more] = x.shape ?? [];
  if (more.length > 0 || !CHANNELS.includes(channels) || positions < 1 || positions > LONGEST_INPUT)
    throw new FormatError(
      `${path}: X_${name} has the shape [${shapeText(x)}]; expected [probes, 4, 6 or 9, positions], with at most ${LONGEST_INPUT} positions`,
    );
  const [scored = 0, experiments = 1, ...deeper] = y.shape ?? [];
  if (deeper.length > 0 || scored !== records || experiments < 1)
    throw new FormatError(
      `${path}: Y_${name} has the shape [${shapeText(y)}]; expected [${records}, experiments], a row for each probe of X_${name}`,
    );
  if (records * experiments > MOST.scores || records * positions > MOST.letters)
    throw new FormatError(`${path}: X_${name} and Y_${name} hold more than this program reads`);
  checkNumbers(x, `X_${name}`, path);
  checkNumbers(y, `Y_${name}`, path);
  const code = SETS.indexOf(set);
  return [{ name, set: code, validates, x, y, records, channels, positions, experiments }];
}

const shapeText = ({ shape }: Dataset): string => (shape ?? []).slice(0, 8).join(', ');

/** @throws FormatError unless the values are numbers, in pieces that fit into memory */
function checkNumbers({ metadata }: Dataset, name: string, path: string): void {
  const [INTEGER, FLOAT] = [0, 1];
  const { type, size, chunks } = metadata;
  const isRead = (type === FLOAT && (size === 4 || size === 8)) || (type === INTEGER && size <= 4);
  if (!isRead) throw new FormatError(`${path}: ${name} does not hold numbers of 32 or 64 bits`);
  if (chunks && chunks.reduce((product, n) => product * n, size) > LARGEST_CHUNK)
    throw new FormatError(`${path}: ${name} is stored in pieces that are too large; repack it with h5repack`);
}

/** Names of the experiments. */
function namesIn(group: Group, expected: number, path: string): string[] {
  const dataset = datasetIn(group, 'experiment', path);
  if (!dataset) return Array.from({ length: expected }, (_, e) => `experiment ${e + 1}`);
  const [length = 1] = dataset.shape ?? [];
  if (length !== expected || dataset.metadata.type !== 3)
    throw new FormatError(
      `${path}: experiment has the shape [${shapeText(dataset)}]; expected the ${count(expected, 'name')} of the columns of Y_train`,
    );
  const { value } = dataset;
  const names = Array.isArray(value) ? value : [value];
  return names.map((name) => String(name).replace(/[\0\s]+$/, ''));
}

async function readPart(part: Part, builder: SetBuilder, path: string, breath: Breath): Promise<void> {
  const { name, set, validates, x, y, records, positions, experiments } = part;
  const step = rowsPerSlice(part);
  const y1 = (y.shape ?? []).length === 1;
  for (let from = 0; from < records; from += step) {
    const to = Math.min(records, from + step);
    const onehot = numbersIn(x.slice([[from, to], [0, ALPHABET.length], []]), `X_${name}`, path);
    const scores = numbersIn(y.slice(y1 ? [[from, to]] : [[from, to], []]), `Y_${name}`, path);
    const size = ALPHABET.length * positions;
    if (onehot.length !== (to - from) * size || scores.length !== (to - from) * experiments)
      throw new FormatError(`${path}: X_${name} or Y_${name} ends too early`);
    for (let i = 0; i < to - from; i++) {
      const where = `${path}: X_${name}, record ${from + i + 1}`;
      const sequence = sequenceOf(onehot.subarray(i * size, (i + 1) * size), positions, where);
      const own = scores.subarray(i * experiments, (i + 1) * experiments);
      builder.add({ sequence, set, validates, line: from + i + 1 }, own);
    }
    await breath.take();
  }
}

/** A multiple of the rows that are stored together, since these are unpacked together. */
export function rowsPerSlice({
  x,
  y,
  positions,
  experiments,
}: Pick<Part, 'x' | 'y' | 'positions' | 'experiments'>): number {
  const together = Math.max(x.metadata.chunks?.[0] ?? 1, y.metadata.chunks?.[0] ?? 1);
  const most = Math.max(1, Math.floor(LARGEST_CHUNK / (8 * Math.max(4 * positions, experiments))));
  return Math.min(most, together * Math.max(1, Math.floor(ROWS / together)));
}

export type Numbers =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array;

/** Numbers of a slice. @throws FormatError if it holds none */
export function numbersIn(value: unknown, name: string, path: string): Numbers {
  if (!ArrayBuffer.isView(value) || value instanceof DataView)
    throw new FormatError(`${path}: ${name} cannot be read as numbers`);
  return value as Numbers;
}

/** The letters of a one-hot sequence [4, positions]. @throws FormatError as `placedSequence` */
const sequenceOf = (onehot: Numbers, positions: number, where: string): string =>
  placedSequence(onehot, positions, where).sequence;

/**
 * The letters of a one-hot sequence [4, positions], and where they begin. Zeros around it are padding; zeros
 * within it, and equal shares of all letters, are N.
 *
 * @throws FormatError for anything else, naming the position
 */
export function placedSequence(
  onehot: Numbers,
  positions: number,
  where: string,
): { readonly sequence: string; readonly start: number } {
  let padded = '';
  for (let at = 0; at < positions; at++) padded += letterAt(onehot, positions, at, where);
  const sequence = padded.replace(/^-+|-+$/g, '').replaceAll('-', ANY);
  return { sequence, start: Math.max(0, padded.search(/[^-]/)) };
}

function letterAt(onehot: Numbers, positions: number, at: number, where: string): string {
  let [letter, sum] = ['-', 0];
  for (let code = 0; code < ALPHABET.length; code++) {
    const value = onehot[code * positions + at]!;
    sum += Math.abs(value);
    if (value === 1) letter = ALPHABET[code]!;
  }
  if (letter === '-' ? sum === 0 : sum === 1) return letter;
  const isUnknown = [0, 1, 2, 3].every((code) => onehot[code * positions + at] === 0.25);
  if (isUnknown) return ANY;
  throw new FormatError(
    `${where}: position ${at + 1} is not one-hot; expected a single 1, or zeros for padding`,
  );
}
