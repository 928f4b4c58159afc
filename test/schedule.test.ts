/** Learning-rate decay and early stopping, from validation scores alone. */

import { describe, expect, it } from 'vitest';
import {
  advance,
  initialSchedule,
  type ScheduleOptions,
  type ScheduleState,
} from '../src/nn/training/schedule.js';

/** The states after each of these scores. */
function statesAfter(scores: readonly number[], options: ScheduleOptions = {}): ScheduleState[] {
  let state = initialSchedule(options);
  return scores.map((score, i) => {
    state = advance(state, i + 1, score, options);
    return state;
  });
}

const flat = (count: number): number[] => new Array<number>(count).fill(0.5);

describe('the schedule', () => {
  it('begins at a rate of 1e-3 without a best score', () => {
    expect(initialSchedule()).toEqual({
      learningRate: 1e-3,
      best: null,
      bestEpoch: 0,
      sinceBest: 0,
      sinceDecay: 0,
      stop: false,
    });
  });

  it('lowers the rate to 0.3 of it after every 7 epochs without improvement', () => {
    const rates = statesAfter(flat(22)).map(({ learningRate }) => learningRate);
    const expected = [1e-3, 3e-4, 9e-5, 2.7e-5].flatMap((rate) => new Array<number>(7).fill(rate));
    rates.forEach((rate, i) => {
      expect(rate, `epoch ${i + 1}`).toBeCloseTo(expected[i]!, 12);
    });
  });

  it('stops after 25 epochs without improvement, not before', () => {
    const states = statesAfter(flat(26));
    expect(states[24]).toMatchObject({ stop: false, sinceBest: 24 });
    expect(states[25]).toMatchObject({ stop: true, sinceBest: 25, best: 0.5, bestEpoch: 1 });
  });

  it('counts anew from an improvement, however small; a tie is none', () => {
    const states = statesAfter([
      0.1,
      ...new Array<number>(6).fill(0.1),
      0.1 + 1e-12,
      ...new Array<number>(6).fill(0.1),
    ]);
    expect(states[6]).toMatchObject({ sinceBest: 6, sinceDecay: 6, learningRate: 1e-3 });
    expect(states[7]).toMatchObject({ bestEpoch: 8, sinceBest: 0, sinceDecay: 0 });
    expect(states.at(-1)).toMatchObject({ learningRate: 1e-3, sinceDecay: 6 });
  });

  it('does not lower the rate below 1e-6, nor raise it to that', () => {
    const options = { decayPatience: 1, stopPatience: 1000 };
    expect(statesAfter(flat(40), options).at(-1)!.learningRate).toBe(1e-6);
    const low = statesAfter(flat(3), { ...options, minLearningRate: 1e-9, learningRate: 2e-9 });
    expect(low.at(-1)!.learningRate).toBe(1e-9);
  });

  it('takes NaN for no improvement, also at first', () => {
    const states = statesAfter([Number.NaN, Number.NaN, -0.2, Number.NaN]);
    expect(states[1]).toMatchObject({ best: null, bestEpoch: 0, sinceBest: 2 });
    expect(states[2]).toMatchObject({ best: -0.2, bestEpoch: 3, sinceBest: 0 });
    expect(states[3]).toMatchObject({ best: -0.2, bestEpoch: 3, sinceBest: 1 });
  });

  it('takes other patiences and factors, and is data that JSON holds', () => {
    const options = { learningRate: 1, decay: 0.5, decayPatience: 2, stopPatience: 4 };
    const states = statesAfter(flat(5), options);
    expect(states.map(({ learningRate }) => learningRate)).toEqual([1, 1, 0.5, 0.5, 0.25]);
    expect(states.map(({ stop }) => stop)).toEqual([false, false, false, false, true]);
    for (const state of states) expect(JSON.parse(JSON.stringify(state))).toEqual(state);
  });
});
