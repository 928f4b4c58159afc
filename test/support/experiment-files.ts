/** The same small set of experiments in every format that is read. */
import { writeFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';

/** What the files hold. */
export const NAMES = ['RNCMPT00001', 'RNCMPT00002', 'RNCMPT00003'] as const;

/** A probe: its part, letters as a file may have them, and its scores. */
export interface Row {
  readonly part: 'train' | 'valid' | 'test';
  readonly sequence: string;
  readonly scores: readonly (number | null)[];
}

/** Probes of all parts in the order of an HDF5 file; one repeats, one leaks, one has an N. */
export const ROWS: readonly Row[] = [
  { part: 'train', sequence: 'ACGUACGUAC', scores: [1.5, -0.25, null] },
  { part: 'train', sequence: 'GGGGCCCCAAA', scores: [null, 3.140625, 1e-3] },
  { part: 'train', sequence: 'ACGUACGUAC', scores: [2, 4, 7] },
  { part: 'train', sequence: 'CANGU', scores: [0.1, 1234567.5, 7] },
  { part: 'valid', sequence: 'UUUUUUAAAA', scores: [-1e-8, null, 7] },
  { part: 'test', sequence: 'GGGGCCCCAAA', scores: [12, 13, null] },
  { part: 'test', sequence: 'AUAUAUAUAUAUA', scores: [null, null, 7] },
];

const setOf = ({ part }: Row): string => (part === 'test' ? 'B' : 'A');
const dna = ({ sequence }: Row): string => sequence.replaceAll('U', 'T');
const text = (lines: readonly string[]): string => `${lines.join('\n')}\n`;

/** `sequences.tsv` and `targets.tsv` as DeepBind has them. */
export const deepBind = () => ({
  sequences: text([
    'Fold ID\tEvent ID\tseq',
    ...ROWS.map((row, i) => `${setOf(row)}\tprobe${i}\t${dna(row)}`),
  ]),
  targets: text([
    NAMES.join('\t'),
    ...ROWS.map(({ scores }) => scores.map((score) => score ?? 'NaN').join('\t')),
  ]),
});

/** A wide table. @param parts writes train, valid and test in place of sets */
export const wide = ({ parts = false } = {}) =>
  text([
    `set,seq,${NAMES.join(',')}`,
    ...ROWS.map((row) =>
      [parts ? row.part : setOf(row), row.sequence, ...row.scores.map((score) => score ?? '')].join(','),
    ),
  ]);

/** `probe_intensity.csv`: a missing score is a flagged spot that has a number. */
export const pipeline = () =>
  text([
    ['Probe_ID', 'set', 'seq', ...NAMES.flatMap((name) => [name, `${name}_flag`])].join(','),
    ...ROWS.map((row, i) =>
      [
        `probe${i}`,
        `Set${setOf(row)}`,
        dna(row),
        ...row.scores.flatMap((score) => (score === null ? [99, 1] : [score, 0])),
      ].join(','),
    ),
  ]);

/** Bytes of a text that is packed in two members, with padding between them. */
export function packed(contents: string): Uint8Array {
  const half = Math.floor(contents.length / 2);
  return Buffer.concat([
    gzipSync(contents.slice(0, half)),
    Buffer.alloc(512),
    gzipSync(contents.slice(half)),
    Buffer.alloc(3),
  ]);
}

/** How `writeHdf5` writes. */
export interface Hdf5Options {
  /** A group that everything is in. */
  readonly group?: string;
  /** 6 or 9 has channels of structure too: the contexts of a sequence's letters take turns. */
  readonly channels?: number;
  readonly positions?: number;
}

/** An HDF5 file as the authors released it, written by the HDF5 library. */
export async function writeHdf5(
  path: string,
  { group = '', channels = 4, positions = 15 }: Hdf5Options = {},
): Promise<void> {
  const { File, ready } = await import('h5wasm/node');
  await ready;
  const file = new File(path, 'w');
  const root = group === '' ? file : file.create_group(group);
  for (const part of ['train', 'valid', 'test'] as const) {
    const rows = ROWS.filter((row) => row.part === part);
    const x = new Float32Array(rows.length * channels * positions);
    rows.forEach(({ sequence }, i) => {
      const start = Math.floor((positions - sequence.length) / 2);
      Array.from(sequence).forEach((letter, at) => {
        const channel = 'ACGU'.indexOf(letter);
        if (channel >= 0) x[(i * channels + channel) * positions + start + at] = 1;
        if (channels > 4) x[(i * channels + 4 + (at % (channels - 4))) * positions + start + at] = 1;
      });
    });
    const y = Float32Array.from(rows.flatMap(({ scores }) => scores.map((score) => score ?? Number.NaN)));
    root.create_dataset({
      name: `X_${part}`,
      data: x,
      shape: [rows.length, channels, positions],
      chunks: [1, channels, positions],
      compression: 'gzip',
    });
    root.create_dataset({ name: `Y_${part}`, data: y, shape: [rows.length, NAMES.length] });
  }
  root.create_dataset({ name: 'experiment', data: [...NAMES], dtype: 'S11' });
  file.close();
}

/** Writes a file and returns its path. */
export async function written(path: string, contents: string | Uint8Array): Promise<string> {
  await writeFile(path, contents);
  return path;
}
