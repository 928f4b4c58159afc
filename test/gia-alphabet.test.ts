/**
 * What is written follows the alphabet of the model, and nothing else does: numbers, and all letters inside
 * the library, are the same.
 */

import { strFromU8, unzipSync } from 'fflate';
import { beforeAll, describe, expect, it } from 'vitest';
import { experimentText } from '../src/cli/analysis/experiment-text.js';
import { encodeSequences } from '../src/data/index.js';
import type { Alphabet } from '../src/data/sequences/letters.js';
import { ArgumentError } from '../src/device/errors.js';
import { topPatterns } from '../src/gia/adaptive.js';
import { bySequence, encodeAttribution } from '../src/gia/attribution/attribution-files.js';
import { mutagenesis } from '../src/gia/attribution/mutagenesis.js';
import { makeBackgrounds } from '../src/gia/backgrounds/backgrounds.js';
import { affinity, hairpin, runAll, spacing } from '../src/gia/experiments/index.js';
import { importance, kmerPatterns, sweep } from '../src/gia/importance.js';
import type { PlainModel } from '../src/gia/model.js';
import { formatMatrix, formatMeme, kmerMotif, parseMeme } from '../src/gia/motif/index.js';
import { expandPattern } from '../src/gia/patterns/pattern-sets.js';
import { experimentFiles } from '../src/gia/tables/experiment-files.js';
import { resultTable, statisticsOf } from '../src/gia/tables/result-table.js';
import { toJson, toTsv } from '../src/gia/tables/table.js';
import { encodeTable } from '../src/gia/tables/table-files.js';
import { parseTableJson, parseTsv } from '../src/gia/tables/table-reader.js';
import { modelReport } from '../src/report/model-report.js';
import { asDna, withT, withU } from './support/letters.js';

const LENGTH = 41;
const PADDED = { start: 2, end: 39 };
const backgrounds = makeBackgrounds({ kind: 'uniform', count: 6, length: LENGTH, seed: 2 });

/** Likes U at some places and UGC anywhere. */
const modelOf = (alphabet?: Alphabet): PlainModel => ({
  length: LENGTH,
  ...(alphabet && { alphabet }),
  predict: (codes) =>
    Float64Array.from({ length: codes.length / LENGTH }, (_, n) => {
      const row = codes.subarray(n * LENGTH, (n + 1) * LENGTH);
      return row.reduce(
        (sum, code, i) =>
          sum +
          (code === 3 ? 0.1 * Math.sin(i) : 0) +
          (code === 3 && row[i + 1] === 2 && row[i + 2] === 1 ? 1 : 0),
        0,
      );
    }),
});

/** Everything that an analysis by a model can be written as, by name. */
async function written(alphabet?: Alphabet): Promise<Readonly<Record<string, string>>> {
  const model = modelOf(alphabet);
  const { table } = await resultTable(statisticsOf(await sweep(model, { k: 3, backgrounds })));
  const several = await importance(model, expandPattern('UGCRU@3..5+tgc@20', LENGTH), backgrounds);
  const top = await topPatterns(model, kmerPatterns(2, 9, LENGTH), backgrounds, { top: 3 });
  const moments = top.models.map((each) => ({
    ...each,
    n: each.patterns.map(() => 6),
    alphabet: top.alphabet,
  }));
  const motif = 'UGCAU';
  const measured = ['UGCAU', 'UGCAA', 'UGGAU', 'AGCAU'].map((letters, i) => ({ letters, kd: 10 ** i }));
  const experiments = [
    ...(await runAll(model, { motif, backgrounds, suboptimal: 'UGGAU' })),
    await affinity(model, { measured, backgrounds, unit: 'nM' }),
  ];
  const edge = makeBackgrounds({ kind: 'uniform', count: 6, length: LENGTH, seed: 2, letters: PADDED });
  const more = [
    await hairpin(model, { motif, backgrounds, gu: true }),
    await spacing(model, { motif, second: 'GUU', backgrounds: edge, pairs: [[36, 3]], allowPadding: true }),
  ];
  const given = { names: ['one', 'two'], sequences: ['GUNUACGUUGC', 'UGCAU'] };
  const shown = { ...given, codes: encodeSequences(given.sequences, LENGTH) };
  const attribution = await mutagenesis(model, shown);
  const { pwm, alignment } = kmerMotif(table.rows);
  const { page, files } = await modelReport({
    name: 'a model',
    facts: [],
    sweep: table.rows,
    experiments,
    attributions: bySequence(attribution, shown),
    agreement: { measured: [1, 2], predicted: [2, 3], pearson: 1, sequences: given.sequences },
    alphabet,
  });
  const zipped = unzipSync((await encodeAttribution(attribution, shown, 'npz', {})) as Uint8Array);
  const text = (array: Uint8Array) =>
    Array.from(new Uint32Array(array.slice(128).buffer), (code) =>
      code ? String.fromCharCode(code) : ' ',
    ).join('');
  return {
    'table.tsv': toTsv(table),
    'table.json': toJson(table, { made: 'here' }),
    'several.tsv': toTsv((await resultTable(statisticsOf(several))).table),
    'top.tsv': toTsv((await resultTable(moments)).table),
    'table.npz': text(
      unzipSync((await encodeTable(table, 'npz', { manifest: {} })) as Uint8Array)['pattern.npy']!,
    ),
    'attribution.tsv': (await encodeAttribution(attribution, shown, 'tsv', {})) as string,
    'attribution.json': (await encodeAttribution(attribution, shown, 'json', {})) as string,
    'attribution.npz': text(zipped['sequence.npy']!),
    'motif.meme': formatMeme([{ name: 'm', pwm, sites: alignment.length }], undefined, alphabet),
    'motif.tsv': formatMatrix(pwm, alphabet),
    'report.html': page,
    ...Object.fromEntries(files.map(({ path, contents }) => [path, strOf(contents)])),
    ...Object.fromEntries(
      [...experiments, ...more].flatMap((result, i) =>
        [
          ...experimentFiles(result, { made: 'here' }),
          { path: `${result.experiment}.txt`, contents: experimentText(result, ['model']) },
        ].map(({ path, contents }) => [`${i} ${path}`, contents]),
      ),
    ),
  };
}

const strOf = (contents: string | Uint8Array): string =>
  typeof contents === 'string' ? contents : strFromU8(contents);

describe('the alphabet of a model', () => {
  let plain: Readonly<Record<string, string>> = {};
  let rna: typeof plain = {};
  let dna: typeof plain = {};
  beforeAll(async () => {
    [plain, rna, dna] = [await written(), await written('rna'), await written('dna')];
  }, 60_000);

  it('is RNA unless it is said, to the byte', () => {
    expect(Object.keys(plain).length).toBeGreaterThan(40);
    expect(rna).toEqual(plain);
  });

  it('is DNA in every file and sentence, where RNA has U', () => {
    for (const [name, text] of Object.entries(dna)) expect(withU(text), name).toEqual([]);
    const words = Object.entries(rna).filter(([, text]) => withU(text).length > 0);
    expect(words.length).toBeGreaterThan(30);
    for (const [name] of words) expect(withT(dna[name]!), name).not.toEqual([]);
  });

  it('changes letters and nothing else', () => {
    // Pictures also have another outline; JSON notes the alphabet.
    for (const [name, text] of Object.entries(rna).filter(([path]) => !/\.(svg|html)$/.test(path)))
      expect(dna[name]!.replace(/ *"alphabet": "dna",\n/g, ''), name).toBe(asDna(text));
  });

  it('is noted in JSON, and read back from there or from the letters', () => {
    const source = 'table';
    expect(parseTableJson(dna['table.json']!, source)).toMatchObject({ alphabet: 'dna' });
    expect(JSON.parse(dna['4 hairpin.json']!)).toMatchObject({ alphabet: 'dna', design: { motif: 'TGCAT' } });
    expect(parseTsv(dna['table.tsv']!).alphabet).toBe('dna');
    for (const table of [parseTsv(rna['table.tsv']!), parseTableJson(rna['table.json']!)])
      expect(table.alphabet).toBe('rna');
    const few = JSON.stringify({ alphabet: 'dna', rows: [{ pattern: 'GCA', importance: 1 }] });
    expect(parseTableJson(few).alphabet).toBe('dna');
    expect(parseTableJson(few.replace('"dna"', '"klingon"')).alphabet).toBe('rna');
    expect(kmerMotif(parseTsv(dna['table.tsv']!).rows)).toEqual(kmerMotif(parseTsv(rna['table.tsv']!).rows));
    expect(parseMeme(dna['motif.meme']!).motifs).toEqual(parseMeme(rna['motif.meme']!).motifs);
  });

  it('leaves letters inside the library as they are', async () => {
    const { patterns, alphabet } = await sweep(modelOf('dna'), { k: 2, backgrounds });
    expect([patterns.at(-1), alphabet]).toEqual(['UU', 'dna']);
    expect((await hairpin(modelOf('dna'), { motif: 'TGCAT', backgrounds })).design.motif).toBe('UGCAU');
  });

  it('is that of the messages of experiments', async () => {
    const motif = 'UGCAU'.repeat(9);
    const fails = async (alphabet?: Alphabet) => {
      const asked = runAll(modelOf(alphabet), { motif, backgrounds }, undefined, undefined, { spacing });
      return await asked.then(
        () => '',
        (error: unknown) => (error as Error).message,
      );
    };
    const [rna, dna] = [await fails(), await fails('dna')];
    expect(rna).toContain('UGCAU');
    expect(dna).toBe(rna.replaceAll('U', 'T'));
  });

  it('is one of two', async () => {
    const model = { ...modelOf(), alphabet: 'protein' } as unknown as PlainModel;
    const asked = sweep(model, { k: 2, backgrounds });
    await expect(asked).rejects.toThrow(ArgumentError);
    await expect(asked).rejects.toThrow('"rna", "dna"');
  });
});
