import { describe, expect, it } from 'vitest';
import { canonicalSequence, decodeSequence, encodeSequences, PAD } from '../src/data/index.js';
import { InvalidSequenceError } from '../src/device/errors.js';

describe('encodeSequences', () => {
  it('codes A C G U as 0 … 3, T as U, N as pad, either case', () => {
    expect([...encodeSequences(['ACGUTNacgutn'], 12)]).toEqual([0, 1, 2, 3, 3, 4, 0, 1, 2, 3, 3, 4]);
  });

  it.each([
    { length: 38, left: 1, right: 2 },
    { length: 39, left: 1, right: 1 },
    { length: 40, left: 0, right: 1 },
    { length: 41, left: 0, right: 0 },
  ])('pads $length nt with $left on the left and $right on the right', ({ length, left, right }) => {
    const expected = [...Array(left).fill(PAD), ...Array(length).fill(2), ...Array(right).fill(PAD)];
    expect([...encodeSequences(['G'.repeat(length)])]).toEqual(expected);
  });

  it('lays records out row by row', () => {
    expect([...encodeSequences(['A', 'CC', 'GGG'], 3)]).toEqual([4, 0, 4, 1, 1, 4, 2, 2, 2]);
  });

  it.each([
    { sequences: ['ACGU', 'ACXU'], message: 'x.tsv:9 (record 2): letter 3 is "X"' },
    { sequences: ['ACGU', 'AC-U'], message: 'x.tsv:9 (record 2): letter 3 is "-"' },
    { sequences: ['ACGU', 'A\u{1F9EC}'], message: 'x.tsv:9 (record 2): letter 2 is "\u{1F9EC}"' },
    { sequences: ['ACGU', ''], message: 'x.tsv:9 (record 2): the sequence is empty' },
    { sequences: ['ACGU', 'ACGUA'], message: 'x.tsv:9 (record 2): the sequence has 5 letters' },
  ])('refuses $sequences', ({ sequences, message }) => {
    const encode = () => encodeSequences(sequences, 4, { source: 'x.tsv', lines: [5, 9] });
    expect(encode).toThrow(InvalidSequenceError);
    expect(encode).toThrow(message);
  });

  it('names the record where there are no lines', () => {
    expect(() => encodeSequences(['A', 'B'], 4)).toThrow('sequences, record 2: letter 1 is "B"');
  });
});

describe('decodeSequence', () => {
  it('undoes encoding, inner N included', () => {
    for (const sequence of ['A', 'ACGNU', 'GGGUUU']) {
      expect(decodeSequence(encodeSequences([sequence], 9))).toBe(sequence);
    }
  });

  it('reads a row of pads as empty and refuses unknown codes', () => {
    expect(decodeSequence([4, 4])).toBe('');
    expect(() => decodeSequence([0, 7])).toThrow(InvalidSequenceError);
    expect(() => decodeSequence([0, 7])).toThrow('base code 7 at offset 1');
  });
});

describe('canonicalSequence', () => {
  it('gives upper case and U', () => {
    expect(canonicalSequence('acgTtn', 'here')).toBe('ACGUUN');
  });

  it('says where a bad letter is', () => {
    expect(() => canonicalSequence('ACZ', 'f.txt:3')).toThrow('f.txt:3: letter 3 is "Z"');
  });
});
