/** Importance tables read back: what was written, older tables, and files that are none. */

import { describe, expect, it } from 'vitest';
import { FormatError } from '../src/device/errors.js';
import { giaTable, joinTables, toJson, toTsv } from '../src/gia/tables/table.js';
import { parseTableJson, parseTsv } from '../src/gia/tables/table-reader.js';

const table = () =>
  giaTable(['AC', 'GU', 'UU'], {
    mean: [0.25, -1, 3],
    variance: [1, 0, 2],
    min: [-2, -1, 1],
    max: [2.5, -1, 9],
    n: 16,
  });

describe('parseTsv', () => {
  it('reads what toTsv writes, to nine digits, infinite t included', async () => {
    const written = await table();
    const { rows, source } = parseTsv(toTsv(written), 'a.tsv');
    expect(source).toBe('a.tsv');
    const rounded = written.rows.map((row) =>
      Object.fromEntries(
        Object.entries(row).map(([key, value]) => [
          key,
          typeof value === 'number' ? Number(value.toPrecision(9)) : value,
        ]),
      ),
    );
    expect(rows).toEqual(rounded);
    expect(rows.find(({ pattern }) => pattern === 'GU')!.t).toBe(Number.NEGATIVE_INFINITY);
  });

  it('takes # for a comment above the header only: models and patterns may be called so', async () => {
    const joined = joinTables([
      { model: '#run1', table: await table() },
      { model: 'run2', table: await table() },
    ]);
    const { rows } = parseTsv(`# made by hand\n\n#\n${toTsv(joined)}`);
    expect(rows.filter(({ model }) => model === '#run1')).toHaveLength(3);
    expect(rows).toHaveLength(6);
    expect(parseTsv('pattern\timportance\n#1\t2\n').rows).toEqual([{ pattern: '#1', importance: 2 }]);
  });

  it('refuses a field of 50,000 digits at once, and repeats little of it', () => {
    const digits = '1'.repeat(50_000);
    expect(() => parseTsv(`pattern\timportance\nA\t${digits}x\n`, 'a.tsv')).toThrow(
      new FormatError('a.tsv:2: the importance is not a number'),
    );
    expect(() => parseTsv(`pattern\t${digits}\t${digits}\n`, 'a.tsv')).toThrow(/^a\.tsv:1: .{0,130}$/);
  });

  it('reads several models, fewer columns and unknown ones', async () => {
    const joined = joinTables([
      { model: 'one', table: await table() },
      { model: 'two', table: await table() },
    ]);
    expect(parseTsv(toTsv(joined)).rows.map(({ model }) => model)).toEqual([
      'one',
      'one',
      'one',
      'two',
      'two',
      'two',
    ]);
    expect(parseTsv('note\timportance\tpattern\nx\t1e-3\tAC\n').rows).toEqual([
      { pattern: 'AC', importance: 0.001 },
    ]);
  });

  it.each([
    { why: 'nothing', text: '\n', message: 'a.tsv: the table is empty' },
    { why: 'a header alone', text: 'pattern\timportance\n', message: 'a.tsv: the table has no rows' },
    { why: 'no importance', text: 'pattern\tscore\nA\t1\n', message: 'a.tsv:1: no column "importance"' },
    {
      why: 'a column twice',
      text: 'pattern\timportance\tpattern\n',
      message: 'a.tsv:1: two columns are called',
    },
    {
      why: 'a short row',
      text: 'pattern\timportance\nA\t1\nC\n',
      message: 'a.tsv:3: expected 2 tab-separated fields, found 1',
    },
    {
      why: 'no number',
      text: 'pattern\timportance\nA\thigh\n',
      message: 'a.tsv:2: the importance is not a number',
    },
    { why: 'an empty number', text: 'pattern\timportance\nA\t\n', message: 'a.tsv:2: the importance is not' },
    {
      why: 'an infinite importance',
      text: 'pattern\timportance\nA\tInfinity\n',
      message: 'a.tsv:2: the importance is not',
    },
    { why: 'no pattern', text: 'pattern\timportance\n\t1\n', message: 'a.tsv:2: the pattern is not a name' },
    {
      why: 'a pattern twice',
      text: 'pattern\timportance\nA\t1\nC\t1\nA\t2\n',
      message: 'a.tsv:4: a second row for "A"',
    },
  ])('refuses $why', ({ text, message }) => {
    expect(() => parseTsv(text, 'a.tsv')).toThrow(FormatError);
    expect(() => parseTsv(text, 'a.tsv')).toThrow(message);
  });
});

describe('parseTableJson', () => {
  it('reads what toJson writes', async () => {
    const written = await table();
    const { rows, manifest } = parseTableJson(toJson(written, { seed: 3 }));
    expect(manifest).toEqual({ seed: 3 });
    expect(rows.map(({ t, ...row }) => row)).toEqual(written.rows.map(({ t, ...row }) => row));
    // JSON holds no infinity.
    expect(rows.find(({ pattern }) => pattern === 'GU')).not.toHaveProperty('t');
  });

  it.each([
    { why: 'what is not JSON', text: '{', message: 'a.json: not JSON' },
    { why: 'null', text: 'null', message: 'a.json: no "rows"' },
    { why: 'rows that are no list', text: '{"rows":{}}', message: 'a.json: no "rows"' },
    { why: 'a row that is none', text: '{"rows":[1]}', message: 'a.json: row 1: expected an object' },
    {
      why: 'a row without importance',
      text: '{"rows":[{"pattern":"A"}]}',
      message: 'a.json: row 1: no importance',
    },
    {
      why: 'a number as text',
      text: '{"rows":[{"pattern":"A","importance":"1"}]}',
      message: 'a.json: row 1: the importance is not a number',
    },
  ])('refuses $why', ({ text, message }) => {
    expect(() => parseTableJson(text, 'a.json')).toThrow(FormatError);
    expect(() => parseTableJson(text, 'a.json')).toThrow(message);
  });
});
