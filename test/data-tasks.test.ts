/** Probe tables with several scores a row: reading, dividing and normalising, task by task. */
import { describe, expect, it } from 'vitest';
import { normalisedScores } from '../src/data/experiment.js';
import { inTaskOrder, parseProbes, prepareExperiment } from '../src/data/index.js';
import { subset } from '../src/data/tables/probes.js';
import { DataError, FormatError } from '../src/device/errors.js';
import { normals } from './support/numbers.js';

const columns = { score: 'a, b' };
const TABLE = 'sequence\ta\tb\tc\nACGU\t1\t2\t9\nACGA\tNA\t4\t9\nACGC\t5\tinf\t9\nACGG\tNA\t\t9\n\t7\t8\t9\n';

describe('tables of several tasks', () => {
  it('keep a record that has any score, and count what is missing for each task', () => {
    const probes = parseProbes(TABLE, 'x', { columns });
    expect(probes.tasks).toEqual(['a', 'b']);
    expect(probes.sequences).toEqual(['ACGU', 'ACGA', 'ACGC']);
    expect([...probes.scores]).toEqual([1, 2, Number.NaN, 4, 5, Number.NaN]);
    expect(probes.leftOut).toEqual({ score: 1, sequence: 1, both: 0, infinite: 0 });
    expect(probes.notes).toEqual([
      'x: 1 of 3 records has no score for a',
      'x: 1 of 3 records has no score for b',
    ]);
    expect([...subset(probes, [2, 0]).scores]).toEqual([5, Number.NaN, 1, 2]);
  });

  it('are chosen by number without a header', () => {
    const probes = parseProbes('ACGU\t1\t2\nACGA\t3\t4\n', 'x', { columns: { score: '2,3' } });
    expect(probes).toMatchObject({ tasks: ['column 2', 'column 3'] });
    expect([...probes.scores]).toEqual([1, 2, 3, 4]);
  });

  it('name the column of a score that cannot be read', () => {
    const bad = 'sequence\ta\tb\nACGU\t1\tabc\n';
    expect(() => parseProbes(bad, 'x', { columns })).toThrow(
      'x:2: expected a finite score in column 3 (b), found "abc"',
    );
  });

  it('are refused where a column is missing or named twice', () => {
    const read = (score: string) => () => parseProbes(TABLE, 'x', { columns: { score } });
    expect(read('a,d')).toThrow(FormatError);
    expect(read('a,d')).toThrow('there is no column "d"');
    expect(read('a,A')).toThrow('--score-column names "a" twice');
    expect(read('a,b,a')).toThrow('"a" is chosen twice in "a,b,a"; name it once');
  });

  it('stay single where one column is chosen, even if its name has a comma', () => {
    const probes = parseProbes('sequence\t"x,y"\nACGU\t1\n', 'x', { columns: { score: 'x,y' } });
    expect(probes.tasks).toBeUndefined();
    expect([...probes.scores]).toEqual([1]);
  });
});

describe('experiments of several tasks', () => {
  const letters = (i: number) =>
    [...i.toString(4).padStart(4, '0')].map((digit) => 'ACGU'[Number(digit)]).join('');
  const [first, second] = [normals(60, 1), normals(60, 2)];
  const rows = Array.from({ length: 60 }, (_, i) => [
    letters(i),
    10 + first[i]!,
    i % 5 === 0 ? 'NA' : 100 * second[i]!,
  ]);
  const table = (of: readonly (readonly unknown[])[]) =>
    parseProbes(`sequence\ta\tb\n${of.map((row) => row.join('\t')).join('\n')}\n`, 'x', { columns });
  const input = { length: 10, head: 'regression' } as const;

  it('normalise every task on the scores that it has', () => {
    const made = prepareExperiment(table(rows), input, { validation: 0.2, normalise: { kind: 'none' } });
    expect(made.tasks).toEqual(['a', 'b']);
    expect(made.counts).toMatchObject({ train: 48, valid: 12 });
    expect(made.train.scores.length).toBe(96);
    for (const task of [0, 1]) {
      const scores = made.train.scores.filter((score, i) => i % 2 === task && !Number.isNaN(score));
      const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
      const square = scores.reduce((sum, score) => sum + score ** 2, 0) / scores.length;
      expect(mean).toBeCloseTo(0, 5);
      expect(square).toBeCloseTo(1, 4);
    }
    const missing = [...made.train.scores, ...made.valid.scores].filter(Number.isNaN).length;
    expect(missing).toBe(12);
    const again = normalisedScores(table(rows), made.normalisation, false);
    expect(again.filter(Number.isNaN).length).toBe(12);
    expect(made.normalisation!.others).toHaveLength(1);
  });

  it('are put in the order of the tasks of a model, and refused where names differ', () => {
    const probes = inTaskOrder(table(rows.slice(0, 3)), ['b', 'a']);
    expect(probes.tasks).toEqual(['b', 'a']);
    expect([...probes.scores.subarray(0, 4)]).toEqual([
      Number.NaN,
      10 + first[0]!,
      100 * second[1]!,
      10 + first[1]!,
    ]);
    expect(() => inTaskOrder(table(rows), ['a', 'c'])).toThrow(
      'x: its tasks are a, b, but a, c are expected',
    );
  });

  it('are tested on tables whose columns stand in another order', () => {
    const swapped = rows.map(([sequence, a, b]) => `${sequence}\t${b}\t${a}`).join('\n');
    const other = parseProbes(`sequence\tb\ta\n${swapped}\n`, 'y', { columns: { score: 'b,a' } });
    const how = { normalise: { kind: 'none' } } as const;
    const { test } = prepareExperiment(table(rows), input, { ...how, test: table(rows) });
    expect(prepareExperiment(table(rows), input, { ...how, test: other }).test!.scores).toEqual(test!.scores);
  });

  it('are refused where a part has too little of a task', () => {
    const few = rows.map((row, i) => (i < 4 ? row : [row[0], row[1], 'NA']));
    expect(() => prepareExperiment(table(few), input)).toThrow(DataError);
    expect(() => prepareExperiment(table(few), input)).toThrow(
      /task b has \d scores? for (training|validation), and needs at least 3/,
    );
  });

  it('are tested on tables of as many tasks', () => {
    const other = parseProbes('sequence\tscore\nACGU\t1\n', 'y', {});
    expect(() => prepareExperiment(table(rows), input, { test: other })).toThrow(
      'y has 1 score a record, but x has 2',
    );
  });
});
