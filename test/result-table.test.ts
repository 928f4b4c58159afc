/** Tables of what analyses found, model by model and output by output, written and read back. */

import { parquetReadObjects } from 'hyparquet';
import { describe, expect, it } from 'vitest';
import { FormatError } from '../src/device/errors.js';
import { topPatterns } from '../src/gia/adaptive.js';
import { makeBackgrounds } from '../src/gia/backgrounds/backgrounds.js';
import { importance, kmerPatterns } from '../src/gia/importance.js';
import type { PlainModel } from '../src/gia/model.js';
import { importanceOfParts } from '../src/gia/parts.js';
import { resultTable, statisticsOf, statisticsOfParts } from '../src/gia/tables/result-table.js';
import { toJson, toTsv } from '../src/gia/tables/table.js';
import { encodeTable } from '../src/gia/tables/table-files.js';
import { parseTableJson, parseTsv } from '../src/gia/tables/table-reader.js';

const LENGTH = 8;
const patterns = kmerPatterns(1, 3, LENGTH);
const backgrounds = makeBackgrounds({ kind: 'uniform', count: 12, length: LENGTH, seed: 4 });

/** Two models of two outputs, each a weight for every letter at every place. */
const model: PlainModel & { readonly models: number } = {
  length: LENGTH,
  models: 2,
  outputs: 2,
  tasks: ['A', 'B'],
  predict: (codes) =>
    [1, -1].flatMap((sign) =>
      Array.from({ length: codes.length / LENGTH }, (_, n) =>
        [0, 1].map((output) =>
          codes
            .subarray(n * LENGTH, (n + 1) * LENGTH)
            .reduce((sum, code, i) => sum + sign * Math.sin(3 * code + i + output), 0),
        ),
      ).flat(),
    ),
};

const found = await importance(model, patterns, backgrounds, { keepLocal: true });
const readouts = statisticsOf(found);

describe('resultTable', () => {
  it('has the rows of every model and task, by rank, and their local importances', async () => {
    const names = ['first', 'second'];
    const { table, local } = await resultTable(readouts, { names, local: 'f32' });
    expect(table.rows.map(({ model: of, task, rank }) => `${of} ${task} ${rank}`)).toEqual(
      names.flatMap((of) =>
        ['A', 'B'].flatMap((task) => [1, 2, 3, 4].map((rank) => `${of} ${task} ${rank}`)),
      ),
    );
    table.rows.forEach(({ model: of, task, pattern, importance: mean }, i) => {
      const each = found.models[2 * names.indexOf(of!) + 'AB'.indexOf(task!)]!;
      const p = found.patterns.indexOf(pattern);
      expect(mean).toBe(each.mean[p]);
      expect(local!.subarray(12 * i, 12 * (i + 1))).toEqual(each.local!.subarray(12 * p, 12 * (p + 1)));
    });
    expect((await resultTable(readouts)).local).toBeUndefined();
  });

  it('has no column of models for one, and none of tasks for one', async () => {
    const columns = async (models: number, outputs: number) => {
      const predict = (codes: Uint8Array) =>
        Array.from({ length: (models * outputs * codes.length) / LENGTH }, (_, i) => Math.sin(i));
      const some = { length: LENGTH, models, outputs, predict };
      const statistics = statisticsOf(await importance(some, patterns, backgrounds));
      return toTsv((await resultTable(statistics)).table).split('\n')[0]!;
    };
    expect(await columns(1, 1)).toMatch(/^pattern\timportance/);
    expect(await columns(1, 2)).toMatch(/^task\tpattern/);
    expect(await columns(2, 1)).toMatch(/^model\tpattern/);
    expect(await columns(2, 2)).toMatch(/^model\ttask\tpattern/);
  });

  it('has bootstrap intervals and marks of padding where they are wanted', async () => {
    const { table } = await resultTable(readouts, {
      bootstrap: { resamples: 200, seed: 1 },
      inPadding: new Map([['A', 1]]),
    });
    for (const { bootLow, bootHigh, importance: mean, pattern, inPadding } of table.rows) {
      expect(bootLow).toBeLessThanOrEqual(mean);
      expect(bootHigh).toBeGreaterThanOrEqual(mean);
      expect(inPadding).toBe(Number(pattern === 'A'));
    }
  });

  it('takes what a search and an analysis in parts found', async () => {
    const searched = await topPatterns(model, patterns, backgrounds, { top: 2, first: 4 });
    const tops = searched.models.map((each) => ({ ...each, n: each.patterns.map(() => 12) }));
    const { table } = await resultTable(tops, { hypotheses: patterns.length });
    const whole = (await resultTable(readouts)).table;
    expect(table.rows.map(({ pattern }) => pattern)).toEqual(
      whole.rows.filter(({ rank }) => rank <= 2).map(({ pattern }) => pattern),
    );
    const parts = [patterns.slice(0, 1), patterns.slice(1)];
    const { states } = await importanceOfParts(model, parts, backgrounds);
    const joined = await resultTable(statisticsOfParts(model, parts, states));
    expect(joined.table).toEqual(whole);
  });
});

describe('a table of several tasks', () => {
  it('is read back from text, JSON and Parquet', async () => {
    const { table } = await resultTable(readouts.slice(0, 2));
    expect(parseTableJson(toJson(table, {})).rows).toEqual(table.rows);
    const { rows } = parseTsv(toTsv(table));
    expect(rows.map(({ task, pattern }) => `${task} ${pattern}`)).toEqual(
      table.rows.map(({ task, pattern }) => `${task} ${pattern}`),
    );
    const bytes = (await encodeTable(table, 'parquet', { manifest: {} })) as Uint8Array<ArrayBuffer>;
    expect((await parquetReadObjects({ file: bytes.buffer }))[5]).toMatchObject({ task: 'B', rank: 2 });
  });

  it('may repeat a pattern for another task, but not for the same', () => {
    expect(parseTsv('task\tpattern\timportance\na\tA\t1\nb\tA\t2\n').rows).toHaveLength(2);
    expect(() => parseTsv('task\tpattern\timportance\na\tA\t1\na\tA\t2\n')).toThrow(FormatError);
    expect(() => parseTsv('task\tpattern\timportance\n\tA\t1\n')).toThrow('the task is not a name');
  });
});
