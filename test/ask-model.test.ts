/** What a report asks a model of several outputs: all at once, and each about its own motif. */

import { describe, expect, it } from 'vitest';
import { parseProbes } from '../src/data/index.js';
import { encodeSequences } from '../src/data/sequences/sequence.js';
import { makeBackgrounds } from '../src/gia/backgrounds/backgrounds.js';
import { readoutsOfResult, suboptimalOf } from '../src/gia/experiments/index.js';
import { agreement } from '../src/nn/agreement.js';
import { ResidualBind } from '../src/nn/residualbind.js';
import { answersByTask, askModel, type TaskAnswers } from '../src/report/ask-model.js';
import { useGpu } from './support/gpu.js';
import { normals } from './support/numbers.js';

const gpu = useGpu();
const LENGTH = 41;
const backgrounds = makeBackgrounds({ kind: 'uniform', count: 8, length: LENGTH, seed: 3 });
const create = (outputs: number) =>
  ResidualBind.create(gpu(), {
    length: LENGTH,
    filters: 6,
    hidden: 8,
    outputs,
    ...(outputs > 1 && { tasks: ['A', 'B'] }),
    seed: 4,
  });
const TOPS = { A: 'UGCA', B: 'GGUU' };
const sweep = Object.entries(TOPS).flatMap(([task, top]) =>
  ['UGCA', 'GGUU', 'AAAA'].map((pattern) => ({ task, pattern, importance: pattern === top ? 1 : 0 })),
);

/** Scores of both tasks; every third of B is missing. */
function probesOf() {
  const draws = normals(60, 1);
  const rows = Array.from({ length: 30 }, (_, i) => {
    const letters = (i * 7919 + 65_536)
      .toString(4)
      .padStart(41, '0')
      .replace(/\d/g, (d) => 'ACGU'[Number(d)]!);
    return [letters, draws[i]!, i % 3 === 0 ? 'NA' : draws[30 + i]!].join('\t');
  });
  const probes = parseProbes(`sequence\tA\tB\n${rows.join('\n')}\n`, 'x', { columns: { score: 'A,B' } });
  return {
    probes,
    scores: Float32Array.from(probes.scores),
    codes: encodeSequences(probes.sequences, LENGTH),
    set: 'all' as const,
    shared: 0,
  };
}

describe('askModel', () => {
  it('asks every task about its own motif, agreement and best sequences', async () => {
    using model = await create(2);
    const probes = probesOf();
    const done: string[] = [];
    const answers = await askModel(model, {
      backgrounds,
      sweep,
      probes,
      most: 2,
      onResult: ({ experiment }, motif, task) => done.push(`${experiment} ${motif} ${task}`),
    });
    const tasks = answersByTask(answers);
    expect(tasks.map(({ task, motif }) => [task, motif])).toEqual(Object.entries(TOPS));
    expect(done.slice(0, 1)).toEqual(['mutagenesis UGCA A']);
    expect(done).toContain('gc GGUU B');
    const predictions = await model.predict(probes);
    for (const [
      output,
      { task, sweep: rows, experiments, agreement: held, attributions },
    ] of tasks.entries()) {
      expect(rows.map((row) => row.task)).toEqual([task, task, task]);
      // The experiments ask all tasks, and choose the sub-optimal motif in this one.
      expect(readoutsOfResult(experiments[0]!)).toMatchObject([{ task: 'A' }, { task: 'B' }]);
      const [mutants, copies] = experiments;
      if (mutants?.experiment !== 'mutagenesis' || copies?.experiment !== 'multiplicity')
        throw new Error('mutagenesis comes first, then multiplicity');
      expect(copies.design.suboptimal).toBe(suboptimalOf(mutants, task));
      const known = [...Array(30).keys()].filter((i) => !Number.isNaN(probes.scores[2 * i + output]!));
      expect(known).toHaveLength(output === 0 ? 30 : 20);
      const predicted = known.map((i) => predictions[30 * output + i]!);
      expect(held).toMatchObject(
        agreement(
          predicted,
          known.map((i) => probes.scores[2 * i + output]!),
        ),
      );
      expect(held!.sequences).toEqual(known.map((i) => probes.probes.sequences[i]!));
      const best = predicted.toSorted((a, b) => b - a).slice(0, 2);
      expect(attributions!.map((each) => each.task)).toEqual([task, task]);
      attributions!.forEach(({ prediction }, i) => {
        expect(prediction).toBeCloseTo(best[i]!, 4);
      });
    }
  });

  it('shows the same sequences in every task, where they are given', async () => {
    using model = await create(2);
    const letters = ['UGCAUGA', 'GGUUGGUU'];
    const sequences = { names: ['a', 'b'], sequences: letters, codes: encodeSequences(letters, LENGTH) };
    const answers = await askModel(model, { backgrounds, sweep, sequences });
    const predictions = await model.predict(sequences);
    expect(
      answersByTask(answers).map(({ attributions }) =>
        attributions!.map(({ name, task }) => `${name} ${task}`),
      ),
    ).toEqual([
      ['a A', 'b A'],
      ['a B', 'b B'],
    ]);
    answersByTask(answers).forEach(({ attributions }, output) => {
      attributions!.forEach(({ prediction }, i) => {
        expect(prediction).toBeCloseTo(predictions[2 * output + i]!, 4);
      });
    });
  });

  it('has no tasks with one output, and refuses a sweep of others', async () => {
    using model = await create(1);
    const rows = sweep.slice(0, 3).map(({ task: _, ...row }) => row);
    const answers = await askModel(model, { backgrounds, sweep: rows });
    expect(answers).not.toHaveProperty('tasks');
    expect(answers).not.toHaveProperty('task');
    expect(answers).toMatchObject({ motif: 'UGCA' });
    await expect(askModel(model, { backgrounds, sweep })).rejects.toThrow('the table has rows of A, B');
    using two = await create(2);
    await expect(askModel(two, { backgrounds, sweep: rows })).rejects.toThrow('no column task');
    const others = sweep.map((row) => ({ ...row, task: `${row.task}2` }));
    await expect(askModel(two, { backgrounds, sweep: others })).rejects.toThrow('none of the task "A"');
  });

  it('takes what else predicts, such as a plain function', async () => {
    const predict = (codes: Uint8Array) =>
      Float64Array.from({ length: codes.length / LENGTH }, (_, n) =>
        codes.subarray(n * LENGTH, (n + 1) * LENGTH).reduce((sum, code, i) => sum + (code === 2 ? i : 0), 0),
      );
    const rows = ['UGCA', 'AAAA'].map((pattern, i) => ({ pattern, importance: 1 - i }));
    const probes = parseProbes(
      `${['ACGU', 'GGGU', 'AAAG', 'UGUG'].map((s, i) => `${s}\t${i}`).join('\n')}\n`,
      'x',
    );
    const measured = {
      probes,
      scores: Float32Array.from(probes.scores),
      codes: encodeSequences(probes.sequences, LENGTH),
      set: 'all' as const,
      shared: 0,
    };
    const answers = await askModel(predict, { backgrounds, sweep: rows, probes: measured, most: 1 });
    const [{ motif, agreement: held, attributions }] = answersByTask(answers) as [TaskAnswers];
    expect(motif).toBe('UGCA');
    expect(Array.from(held!.predicted)).toEqual([...predict(measured.codes)]);
    expect(attributions).toHaveLength(1);
    await expect(askModel({ predict, length: LENGTH, models: 2 }, { backgrounds })).rejects.toThrow(
      'one model',
    );
  });
});
