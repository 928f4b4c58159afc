/**
 * Importances beside measurements: means by k-mer against a loop over texts, ranks, warnings, and the
 * regression.
 */

import { describe, expect, it } from 'vitest';
import { evaluationSet, prepareExperiment, trainingFacts } from '../src/data/experiment.js';
import { decodeSequence } from '../src/data/sequences/sequence.js';
import { simulateProbes } from '../src/data/simulation/simulate.js';
import { atOnce } from '../src/device/breathe.js';
import { ArgumentError, ShapeError } from '../src/device/errors.js';
import { besideMeasurements, LEAST_PROBES, measuredKmers } from '../src/gia/measurement/measured-kmers.js';
import { measuredBeside, measurementsInSteps } from '../src/gia/measurement/measurements.js';
import { allKmers } from '../src/gia/patterns/kmers.js';
import * as nn from '../src/nn/index.js';
import { measuredFindings, measuredWarning } from '../src/report/sections/measured-section.js';
import { normals, randomCodes } from './support/numbers.js';

const LENGTH = 14;
const codes = Uint8Array.from(randomCodes(60 * LENGTH));
const scores = normals(60, 2);

describe('measuredKmers', () => {
  it('has the mean over probes that have the k-mer, once each, and ranks those of five probes or more', () => {
    const outputs = 2;
    const both = Float32Array.from({ length: 120 }, (_, i) =>
      i % outputs === 0 ? Number.NaN : scores[i >> 1]!,
    );
    // A missing score is left out.
    both[1] = Number.NaN;
    const found = measuredKmers(codes, both, { length: LENGTH, k: 2, output: 1, outputs });
    const texts = Array.from(scores, (_, i) => decodeSequence(codes.subarray(i * LENGTH, (i + 1) * LENGTH)));
    const expected = allKmers(2).map((kmer) => {
      const own = [...texts.keys()].filter((i) => i > 0 && texts[i]!.includes(kmer));
      return { probes: own.length, mean: own.reduce((sum, i) => sum + scores[i]!, 0) / own.length };
    });
    expect(Array.from(found.probes)).toEqual(expected.map(({ probes }) => probes));
    expected.forEach(({ mean }, i) => {
      expect(found.means[i]).toBeCloseTo(mean, 12);
    });
    const ranked = expected.filter(({ probes }) => probes >= LEAST_PROBES);
    expect(found.ranked).toBe(ranked.length);
    expected.forEach(({ mean, probes }, i) => {
      const rank = probes < LEAST_PROBES ? 0 : 1 + ranked.filter((other) => other.mean > mean).length;
      expect(found.ranks[i]).toBe(rank);
    });
  });

  it('refuses other sizes', () => {
    expect(() => measuredKmers(codes, scores, { length: LENGTH, k: 9 })).toThrow(ArgumentError);
    expect(() => measuredKmers(codes, scores.subarray(1), { length: LENGTH, k: 3 })).toThrow(ShapeError);
  });
});

describe('besideMeasurements', () => {
  const sweep = (importances: Float32Array) =>
    allKmers(2).map((pattern, i) => ({ pattern, importance: importances[i]! }));
  const measured = measuredKmers(codes, scores, { length: LENGTH, k: 2 });

  it('says where the top k-mer is not among the best measured', () => {
    const agreeing = besideMeasurements(sweep(Float32Array.from(measured.means)), () => measured)!;
    expect(agreeing).toMatchObject({ isAmongBest: true, spearman: 1 });
    expect(agreeing.best).toEqual(agreeing.rows[0]);
    expect(measuredWarning({ beside: agreeing })).toBeUndefined();
    const opposite = besideMeasurements(
      sweep(Float32Array.from(measured.means, (mean) => -mean)),
      () => measured,
    )!;
    expect(opposite).toMatchObject({ isAmongBest: false, spearman: -1 });
    expect(opposite.best).toEqual(opposite.rows.at(-1));
    expect(opposite.rows[0]).toMatchObject({ rank: 1, measuredRank: 16 });
    const warning = measuredWarning({ beside: opposite });
    expect(warning).toMatch(
      new RegExp(`^Warning: ${opposite.rows[0]!.pattern} is number 16 of 16 by the mean score`),
    );
    expect(warning).toContain(
      `The best measured one is ${opposite.best!.pattern}, which is number 16 by importance.`,
    );
  });

  it.each<[string, number, RegExp]>([
    ['constant', 3, /^Warning: all k-mers have the same mean score, so measurements neither confirm/],
    ['missing', Number.NaN, /^Warning: no k-mer is in enough probes with a score/],
  ])('says that %s scores say nothing', (_, score, message) => {
    const flat = measuredKmers(
      codes,
      scores.map(() => score),
      { length: LENGTH, k: 2 },
    );
    const beside = besideMeasurements(sweep(Float32Array.from(measured.means)), () => flat)!;
    expect(measuredWarning({ beside })).toMatch(message);
  });

  it('takes k-mers of one length only', () => {
    const rows = (...patterns: string[]) => patterns.map((pattern) => ({ pattern, importance: 1 }));
    const never = () => expect.fail('measured');
    expect(besideMeasurements(rows('AC@3'), never)).toBeUndefined();
    expect(besideMeasurements(rows('AC', 'ACG'), never)).toBeUndefined();
    expect(besideMeasurements(rows('ACGUACGUA'), never)).toBeUndefined();
    expect(besideMeasurements([], never)).toBeUndefined();
  });
});

describe('measurements of a table', () => {
  const { probes } = simulateProbes({ count: 1600, seed: 4 });
  const experiment = prepareExperiment(probes, { length: 41, head: 'regression' });
  const model = {
    architecture: { length: 41 },
    facts: { ...trainingFacts(experiment), seed: 1 },
  };

  it('has the planted motif on top, and the regression that fitRidge gives on the same split', () => {
    const measurements = atOnce(measurementsInSteps(probes, model));
    const { train, valid, test } = experiment;
    const ridge = nn.fitRidge(train, valid, 41);
    const { pearson } = nn.agreement(nn.predictRidge(ridge, test!.codes, 41), test!.scores);
    expect(measurements.ridge).toMatchObject([{ k: 6, penalty: ridge.penalty, pearson, n: 800 }]);
    const rows = allKmers(6).map((pattern, i) => ({
      pattern,
      importance: i === 5 ? 2 : pattern === 'UGCAUG' ? 1 : 0,
    }));
    const found = measuredBeside(measurements, rows)!;
    expect(found.beside.best).toMatchObject({ pattern: 'UGCAUG', rank: 2, measuredRank: 1 });
    expect(found.beside.isAmongBest).toBe(false);
    expect(measuredFindings(found, 0.9)[1]).toContain(`6-mers is ${pearson.toFixed(3)}, the network’s 0.900`);
    expect(measurements.scores).toEqual(evaluationSet(probes, model, 'all').scores);
  });

  it('does without the regression where there are no sets', () => {
    const without = { ...probes, sets: probes.sets.map(() => '' as const) };
    expect(atOnce(measurementsInSteps(without, model)).ridge).toEqual([undefined]);
  });

  it('takes tasks one by one', () => {
    const two = simulateProbes({
      count: 800,
      tasks: [
        { name: 'one', motif: 'UGCAUG' },
        { name: 'two', motif: 'GUAACC' },
      ],
      missing: 0.2,
    }).probes;
    const split = prepareExperiment(two, { length: 41, head: 'regression' });
    const measurements = atOnce(
      measurementsInSteps(two, { architecture: { length: 41 }, facts: trainingFacts(split) }),
    );
    expect(measurements.ridge.map((each) => each?.reason)).toEqual([null, null]);
    const rows = allKmers(6).map((pattern) => ({ pattern, importance: Number(pattern === 'UGCAUG') }));
    expect(measuredBeside(measurements, rows, 0)!.beside.isAmongBest).toBe(true);
    expect(measuredBeside(measurements, rows, 1)!.beside.isAmongBest).toBe(false);
  });
});
