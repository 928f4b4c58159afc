/** Patterns and k-mers: indices, parsing, overlays, and the errors that name the pattern. */
import { describe, expect, it } from 'vitest';
import { FormatError, InvalidSequenceError, ShapeError } from '../src/device/errors.js';
import { allKmers, kmer, kmerIndex } from '../src/gia/patterns/kmers.js';
import { KEEP, overlay, type Pattern, parsePattern } from '../src/gia/patterns/patterns.js';

describe('k-mers', () => {
  it('are numbered with the first letter most significant', () => {
    expect(kmer(0, 6)).toBe('AAAAAA');
    expect(kmer(1, 6)).toBe('AAAAAC');
    expect(kmer(4 ** 5, 6)).toBe('CAAAAA');
    expect(kmer(4 ** 6 - 1, 6)).toBe('UUUUUU');
    expect(kmerIndex('UGCAUG')).toBe(3 * 1024 + 2 * 256 + 64 + 3 * 4 + 2);
  });

  it.each([1, 2, 3, 6, 8])('of length %i are all there, in order, and give their index back', (k) => {
    const kmers = allKmers(k);
    expect(new Set(kmers).size).toBe(4 ** k);
    expect(kmers).toEqual([...kmers].sort());
    expect(kmers.every((letters, index) => kmerIndex(letters) === index)).toBe(true);
  });

  it('read T as U and lower case as upper', () => {
    expect(kmerIndex('tgcaug')).toBe(kmerIndex('UGCAUG'));
  });

  it('refuse lengths, indices and letters outside their range', () => {
    expect(() => kmer(64, 3)).toThrow(/3-mer index 64 .* 0 … 63/);
    expect(() => kmer(-1, 3)).toThrow(ShapeError);
    expect(() => kmer(0.5, 3)).toThrow(ShapeError);
    expect(() => allKmers(9)).toThrow(ShapeError);
    expect(() => allKmers(0)).toThrow(ShapeError);
    expect(() => kmerIndex('')).toThrow(ShapeError);
    expect(() => kmerIndex('AXA')).toThrow(InvalidSequenceError);
    expect(() => kmerIndex('ANA')).toThrow(InvalidSequenceError);
  });
});

describe('parsePattern', () => {
  it('reads one site or several', () => {
    expect(parsePattern('UGCAUG@17')).toEqual({
      name: 'UGCAUG@17',
      sites: [{ letters: 'UGCAUG', position: 17 }],
    });
    expect(parsePattern(' UGCAUG@3+agNaau@13 ')).toEqual({
      name: 'UGCAUG@3+agNaau@13',
      sites: [
        { letters: 'UGCAUG', position: 3 },
        { letters: 'agNaau', position: 13 },
      ],
    });
  });

  it.each(['', 'UGCAUG', 'UGCAUG@', '@17', 'UGCAUG@-1', 'UGCAUG@1.5', 'UGCAUG@3+', 'UG CAUG@3'])(
    'refuses "%s" and shows how it should read',
    (text) => {
      expect(() => parsePattern(text)).toThrow(FormatError);
      expect(() => parsePattern(text)).toThrow(/LETTERS@POSITION/);
    },
  );

  it('names the pattern with a foreign letter', () => {
    expect(() => parsePattern('UGXAUG@17')).toThrow(InvalidSequenceError);
    expect(() => parsePattern('UGXAUG@17')).toThrow(/pattern "UGXAUG@17".*"X"/);
  });
});

describe('overlay', () => {
  const pattern = (...sites: [string, number][]): Pattern => ({
    name: 'motif',
    sites: sites.map(([letters, position]) => ({ letters, position })),
  });

  it('writes codes at the sites and keeps the background elsewhere and under N', () => {
    const rows = overlay([pattern(['gNT', 0]), pattern(['AC', 1], ['U', 5]), parsePattern('G@3')], 6);
    expect(Array.from(rows)).toEqual(
      [
        [2, KEEP, 3, KEEP, KEEP, KEEP],
        [KEEP, 0, 1, KEEP, KEEP, 3],
        [KEEP, KEEP, KEEP, 2, KEEP, KEEP],
      ].flat(),
    );
  });

  it('takes adjacent sites and a pattern as long as the background', () => {
    expect(Array.from(overlay([pattern(['ACG', 0], ['UA', 3])], 5))).toEqual([0, 1, 2, 3, 0]);
    expect(Array.from(overlay([pattern(['ACGUA', 0])], 5))).toEqual([0, 1, 2, 3, 0]);
  });

  it('has no rows for no patterns', () => {
    expect(overlay([], 41)).toHaveLength(0);
  });

  it.each([
    { what: 'no sites', bad: pattern(), type: ShapeError },
    { what: 'a site without letters', bad: pattern(['', 2]), type: InvalidSequenceError },
    { what: 'a foreign letter', bad: pattern(['AX', 2]), type: InvalidSequenceError },
    { what: 'a negative position', bad: pattern(['AC', -1]), type: ShapeError },
    { what: 'a fractional position', bad: pattern(['AC', 1.5]), type: ShapeError },
    { what: 'a site beyond the end', bad: pattern(['ACG', 4]), type: ShapeError },
    { what: 'overlapping sites', bad: pattern(['ACG', 3], ['UG', 2]), type: ShapeError },
    { what: 'sites that overlap in N', bad: pattern(['ACN', 0], ['UG', 2]), type: ShapeError },
  ])('refuses $what and names the pattern', ({ bad, type }) => {
    const make = () => overlay([pattern(['A', 0]), bad], 6);
    expect(make).toThrow(type);
    expect(make).toThrow(/pattern "motif"/);
  });
});
