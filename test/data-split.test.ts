/**
 * Divisions of a probe table that can train and validate, and the refusal of those that cannot, before
 * training.
 */
import { describe, expect, it } from 'vitest';
import {
  encodeSequences,
  inputLength,
  type Probes,
  parseProbes,
  prepareExperiment,
  splitProbes,
  splitValidation,
} from '../src/data/index.js';
import { DataError } from '../src/device/errors.js';
import { Random } from '../src/kernels/random.js';

/** Probes with these scores; `sequenceOf` names the sequence of a record by a number. */
function table(
  scores: readonly number[],
  sequenceOf: (record: number) => number = (record) => record,
): Probes {
  const letters = (n: number) =>
    Array.from({ length: 8 }, (_, i) => 'ACGU'[Math.floor(n / 4 ** i) % 4]).join('');
  return parseProbes(
    scores.map((score, record) => `${letters(sequenceOf(record))}\t${score}\n`).join(''),
    'x',
  );
}
const draws = new Random(5, 0).draws(0);
const VARIED = Array.from({ length: 390 }, () => draws.normal());
const sequencesOf = (probes: Probes, part: Uint32Array) =>
  new Set(Array.from(part, (record) => probes.sequences[record]!));

describe('splitProbes', () => {
  it.each([25, 100, 390])('divides %d different sequences as splitValidation does, to the bit', (n) => {
    for (const seed of [1, 2, 3]) {
      const { train, valid, repeated, stratified } = splitProbes(table(VARIED.slice(0, n)), { seed });
      expect({ train, valid }).toEqual(splitValidation(n, 0.1, seed));
      expect([repeated, stratified]).toEqual([0, false]);
    }
  });

  it('keeps all records of a sequence on one side, letters compared in canonical form', () => {
    const probes = table(VARIED, (record) => record % 130);
    const { train, valid, repeated } = splitProbes(probes);
    expect([train.length, valid.length, repeated]).toEqual([351, 39, 260]);
    const [trained, validated] = [sequencesOf(probes, train), sequencesOf(probes, valid)];
    expect([trained.size, validated.size]).toEqual([117, 13]);
    expect([...validated].filter((sequence) => trained.has(sequence))).toEqual([]);
    expect([...train, ...valid].sort((a, b) => a - b)).toEqual(VARIED.map((_, i) => i));

    const written = parseProbes(
      Array.from({ length: 40 }, (_, i) => {
        const sequence = `GC${'ACGT'[i % 4]}T${'ACGT'[(i >> 2) % 4]}A`;
        return `${i < 20 ? sequence : sequence.toLowerCase().replaceAll('t', 'u')}\t${i}\n`;
      }).join(''),
    );
    const split = splitProbes(written, { fraction: 0.3 });
    const valids = sequencesOf(written, split.valid);
    expect([...sequencesOf(written, split.train)].filter((sequence) => valids.has(sequence))).toEqual([]);
  });

  it('a sequence with more records than validate trains', () => {
    const probes = table(VARIED, (record) => (record < 100 ? 0 : record));
    const { valid } = splitProbes(probes);
    expect(valid).toHaveLength(39);
    expect(Math.min(...valid)).toBeGreaterThanOrEqual(100);
  });

  it.each([
    ['classes', Array.from({ length: 150 }, (_, i) => Number(i < 2))],
    ['scores', Array.from({ length: 300 }, (_, i) => (i < 3 ? 9.1 : 0.7))],
    ['common ones first', Array.from({ length: 300 }, (_, i) => (i >= 297 ? 9.1 : 0.7))],
  ])('divides rare %s apart where a plain split leaves a part with one value', (_, scores) => {
    const probes = table(scores);
    for (let seed = 1; seed <= 20; seed++) {
      const { train, valid } = splitProbes(probes, { seed });
      for (const part of [train, valid])
        expect(new Set(Array.from(part, (record) => scores[record])).size).toBe(2);
      expect(train.length + valid.length).toBe(scores.length);
      expect(Math.abs(valid.length - scores.length / 10)).toBeLessThanOrEqual(1);
    }
  });

  it.each<[string, Probes, RegExp]>([
    ['one class', table(Array(150).fill(1)), /^x: all 150 probes .* have the score 1; .* both classes/],
    [
      'one probe of a class',
      table([1, ...Array(149).fill(0)]),
      /^x: only 1 of the 150 different sequences .* has a score \(or class\) other than 0/,
    ],
    [
      'one sequence of a class',
      table([1, 1, 1, ...Array(147).fill(0)], (i) => (i < 3 ? 0 : i)),
      /^x: only 1 of the 148 different sequences/,
    ],
    [
      '14 probes',
      table(VARIED.slice(0, 14)),
      /^x: only 1 of 14 probes would be in validation, .* at least 3 different .*--validation 0\.22\)/,
    ],
    ['3 probes', table(VARIED.slice(0, 3)), /^x: 3 probes are too few to train and validate on/],
    ['1 probe', table([1]), /^x: 1 probe is too few/],
    ['one sequence', table(VARIED, () => 0), /^x: 390 probes of 1 different sequence are too few/],
    [
      '10 sequences',
      table(VARIED, (i) => i % 10),
      /^x: only 1 of 390 probes of 10 different sequences would be in validation, .*--validation 0\.3\)/,
    ],
  ])('refuses %s', (_, probes, message) => {
    expect(() => splitProbes(probes)).toThrow(DataError);
    expect(() => splitProbes(probes)).toThrow(message);
  });

  it('takes the advice that it gives', () => {
    expect(splitProbes(table(VARIED.slice(0, 14)), { fraction: 0.22 }).valid).toHaveLength(3);
    expect(
      splitProbes(
        table(VARIED, (i) => i % 10),
        { fraction: 0.3 },
      ).valid,
    ).toHaveLength(117);
  });
});

describe('prepareExperiment', () => {
  const withSets = parseProbes(
    `set\tsequence\tscore\n${Array.from({ length: 64 }, (_, i) => {
      const sequence = `${'ACGU'[i % 4]}${'ACGU'[(i >> 2) % 4]}${'ACGU'[(i >> 4) % 4]}GG`;
      return `A\t${sequence}\t${i}\n${i < 5 ? `B\t${sequence}\t1\n` : ''}`;
    }).join('')}B\tAAAAAA\t2\n\tCCCCCC\t3\n`,
    'x',
  );

  it('counts what stands in training and test alike, and keeps it', () => {
    const made = prepareExperiment(withSets, { length: 41, head: 'regression' });
    const { counts, test, records, valid } = made;
    expect([...records.train, ...records.valid].every((record) => withSets.sets[record] === 'A')).toBe(true);
    const sequences = Array.from(records.valid, (record) => withSets.sequences[record]!);
    expect(valid.codes).toEqual(encodeSequences(sequences, 41));
    expect(counts).toMatchObject({ train: 58, valid: 6, test: 6, shared: 5, repeated: 0, unassigned: 1 });
    expect(test!.scores).toHaveLength(6);
  });

  it('names set A where it is too small, and a class that is none', () => {
    const noA = parseProbes('set\tsequence\tscore\nB\tACGU\t1\nB\tACGG\t0\n', 'x');
    expect(() => prepareExperiment(noA, { length: 41, head: 'regression' })).toThrow(
      /^x, set A: 0 probes are too few/,
    );
    expect(() => prepareExperiment(withSets, { length: 41, head: 'classification' })).toThrow(
      /^x:\d+: a class must be 0 or 1/,
    );
  });

  it('encodes for an input of another length', () => {
    for (const length of [20, 60]) {
      const { train } = prepareExperiment(withSets, { length, head: 'regression' });
      expect(train.codes).toHaveLength(58 * length);
    }
  });
});

it('inputLength is 41, or the longest probe where that is longer, up to 2,048', () => {
  const of = (length: number) => parseProbes(`${'A'.repeat(length)}\t1\n`, 'x');
  expect(inputLength(of(20))).toBe(41);
  expect(inputLength(of(20), of(60), of(50))).toBe(60);
  expect(inputLength(of(2048))).toBe(2048);
  expect(() => inputLength(of(20), of(2049))).toThrow(/^x:1: the sequence has 2049 letters; .* 2048/);
});
