/** Sequences in pieces, and the windows that are cut from them, against the readers of whole sequences. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  encodeSequences,
  parseSequences,
  type SequencePiece,
  SequenceStream,
  WindowCutter,
} from '../src/data/index.node.js';
import { intervalOf } from '../src/data/sequences/bed.js';
import { ResidualBindError } from '../src/device/errors.js';

let folder: string;
const at = (name: string) => join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'residualbind-windows-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Sequences of a file, put together from their pieces. */
async function whole(bytes: string | Uint8Array, iupacAsN = false) {
  await writeFile(at('x.fa'), bytes);
  const stream = new SequenceStream(at('x.fa'), { iupacAsN });
  const found: { name: string; line: number; letters: string }[] = [];
  let isOpen = false;
  for await (const { name, line, letters, isLast } of stream.pieces()) {
    if (isOpen) found.at(-1)!.letters += letters;
    else found.push({ name, line, letters });
    isOpen = !isLast;
  }
  expect(isOpen).toBe(false);
  return { found, notes: stream.notes };
}

async function* inPieces(parts: readonly (readonly [string, string[]])[]): AsyncGenerator<SequencePiece> {
  for (const [name, letters] of parts)
    for (const [i, part] of letters.entries())
      yield { name, line: 1, letters: part, isLast: i === letters.length - 1 };
}

async function cut(
  parts: readonly (readonly [string, string[]])[],
  length: number,
  stride?: number,
  batch = 3,
) {
  const cutter = new WindowCutter({ length, stride, batch });
  const windows: string[] = [];
  const codes: number[] = [];
  for await (const each of cutter.cut(inPieces(parts))) {
    expect(each.windows.length).toBeLessThanOrEqual(batch);
    windows.push(
      ...each.windows.map(({ sequence, name, start, end }) => `${sequence} ${name} ${start} ${end}`),
    );
    codes.push(...each.codes);
  }
  return { windows, codes, blank: cutter.blank, sequences: cutter.sequences };
}

describe('pieces of sequences', () => {
  it.each([
    ['FASTA', '>a x\nACGT\nacgu\n\n>b\nGG GG\n'],
    ['comments, stars and numbers', '; c\n# d\n>a\n  1 acguacguac gu\n 13 ac*\n>b\nAC\n'],
    ['structures and missing sequences', '>a\nACGU\n(..) (-1.0)\n>n\nNA\n>b\nNA\nNC\n'],
    ['CRLF and a byte-order mark', '\uFEFF>a\r\nACGU\r\nAC\r\n'],
    ['old line endings', '>a\rACGU\rAC\r>b\rA\r'],
    ['FASTQ', '@r1\nACGU\n+\n@@@@\n@r2\nAC\n+r2\n>#\n'],
    ['lines', 'ACGU\n\nGG\n'],
  ])('are those of the whole: %s', async (_, text) => {
    const { names, lines, sequences } = parseSequences(text);
    const expected = names.map((name, i) => ({ name, line: lines[i]!, letters: sequences[i]! }));
    expect((await whole(text)).found).toEqual(expected);
    expect((await whole(gzipSync(text))).found).toEqual(expected);
  });

  it('join to a long sequence, whatever its length, and say what was read as something else', async () => {
    const text = `>a\n${'ACGTRacgtn\n'.repeat(30_000)}>b\nAC\n`;
    const { found, notes } = await whole(text, true);
    expect(found.map(({ letters }) => letters.length)).toEqual([300_000, 2]);
    expect(found[0]!.letters).toBe('ACGUNACGUN'.repeat(30_000));
    expect(notes).toEqual([`${at('x.fa')}: 30,000 ambiguous letters (IUPAC) in 30,000 lines were read as N`]);
  });

  it.each([
    ['>a\nACGU\n>\nAC\n', 'x.fa:3: expected a name after ">"'],
    ['>a\n>b\nAC\n', 'x.fa:1: the sequence is empty'],
    ['>a\nAC\nAR\n', 'x.fa:3: letter 2 is "R"; expected A, C, G, U (or T) or N; it stands for several'],
    ['>a\nAC*\nAC\n', 'x.fa:3: the sequence of "a" goes on after a "*"'],
    ['>a\nNA\n', 'x.fa: no sequence; '],
    ['', 'x.fa: no sequence'],
  ])('refuses %j', async (text, message) => {
    await expect(whole(text)).rejects.toThrow(message);
  });

  it('end in a typed error or in the sequences of the whole', async () => {
    const word = fc.constantFrom(
      '>a',
      '>',
      'ACGU',
      'NN',
      'N',
      'NA',
      '-',
      '*',
      '(..)',
      '1 AC',
      ';',
      '#',
      '@',
      '+',
      '',
      'R',
      '\r',
      '.',
      '-1.5',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(word, { maxLength: 12 }), async (words) => {
        const text = `>first\n${words.join('\n')}`;
        const expected = await Promise.resolve()
          .then(() => parseSequences(text))
          .catch((error: unknown) => error);
        const found = await whole(text).catch((error: unknown) => error);
        if (found instanceof Error) expect(found).toBeInstanceOf(ResidualBindError);
        else if (!(expected instanceof Error))
          expect((found as Awaited<ReturnType<typeof whole>>).found.map(({ letters }) => letters)).toEqual(
            (expected as ReturnType<typeof parseSequences>).sequences,
          );
      }),
      { numRuns: 150, seed: 1 },
    );
  });
});

describe('windows', () => {
  it('begin with the sequence, end with it, and leave out N alone', async () => {
    const { windows, codes, blank, sequences } = await cut(
      [
        ['a', ['ACG', '', 'UACGUA']],
        ['b', ['AC']],
        ['c', ['NNNNNNA']],
      ],
      4,
      3,
    );
    expect(windows).toEqual(['0 a 0 4', '0 a 3 7', '0 a 5 9', '1 b 0 2', '2 c 3 7']);
    expect({ blank, sequences }).toEqual({ blank: 1, sequences: 3 });
    expect(codes).toEqual([...encodeSequences(['ACGU', 'UACG', 'CGUA', 'AC', 'NNNA'], 4)]);
  });

  it('do not depend on the pieces, and every letter is in one', async () => {
    const letters = fc.string({ unit: fc.constantFrom('A', 'C', 'G', 'U'), minLength: 1, maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(letters, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 3 }),
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 12 }),
        async (parts, length, stride) => {
          const split = await cut(
            parts.map((part, i) => [`${i}`, part] as const),
            length,
            stride,
          );
          const joined = await cut(
            parts.map((part, i) => [`${i}`, [part.join('')]] as const),
            length,
            stride,
          );
          expect(split).toEqual(joined);
          const texts = parts.map((part) => part.join(''));
          const places = split.windows.map((window) => window.split(' ').map(Number));
          expect(split.codes).toEqual([
            ...encodeSequences(
              places.map(([sequence, , start, end]) => texts[sequence!]!.slice(start, end)),
              length,
            ),
          ]);
          texts.forEach((text, i) => {
            const of = places.filter(([sequence]) => sequence === i);
            expect(of[0]![2]).toBe(0);
            expect(of.at(-1)![3]).toBe(text.length);
            if (stride <= length)
              for (const [at, [, , start]] of of.entries())
                if (at > 0) expect(start!).toBeLessThanOrEqual(of[at - 1]![3]!);
          });
        },
      ),
      { numRuns: 100, seed: 1 },
    );
  });

  it('overlap by half of their length where nothing else is asked for', async () => {
    expect((await cut([['a', ['ACGUACGUAC']]], 4)).windows).toEqual(
      [0, 2, 4, 6].map((start) => `0 a ${start} ${start + 4}`),
    );
    expect(() => new WindowCutter({ length: 4, stride: 0 })).toThrow('stride');
  });
});

describe('lines of BED', () => {
  it.each([
    ['chr1\t5\t9', { chrom: 'chr1', start: 5, end: 9, name: 'chr1:5-9', strand: '.', line: 3 }],
    ['chr1\t5\t9\tmy peak\t0\t-\tmore', { name: 'my peak', strand: '-' }],
    ['chr1 5 9 p 0.5 +', { name: 'p', strand: '+' }],
    ['chr1\t5\t9\t.\t.\t.', { name: 'chr1:5-9', strand: '.' }],
    ['chr1\t5\t9\t-', { name: 'chr1:5-9(-)', strand: '-' }],
    ['chr1\t5\t9\tp\t+', { name: 'p', strand: '+' }],
  ])('%j', (line, expected) => {
    expect(intervalOf(line, 3, 'x.bed')).toMatchObject(expected);
  });

  it.each(['', '  ', '# x', 'track name=a', 'browser position chr1:1-9'])('%j is no interval', (line) => {
    expect(intervalOf(line, 1, 'x.bed')).toBeUndefined();
  });

  it('end in a typed error that names the line, or in an interval', () => {
    const field = fc.oneof(
      fc.constantFrom('chr1', '0', '5', '-1', '1e3', '+', '-', '.', '', '9'.repeat(20)),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(field, { maxLength: 7 }), fc.constantFrom('\t', ' '), (fields, separator) => {
        try {
          const found = intervalOf(fields.join(separator), 7, 'x.bed');
          if (found) expect(found.start).toBeLessThan(found.end);
        } catch (error) {
          expect(error).toBeInstanceOf(ResidualBindError);
          expect((error as Error).message).toMatch(/^x\.bed:7: /);
        }
      }),
      { numRuns: 500, seed: 1 },
    );
  });
});
