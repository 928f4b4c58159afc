/** How long a task still takes: by a clock that is set by hand. */

import { describe, expect, it } from 'vitest';
import { TimeLeft } from '../src/cli/terminal/time-left.js';

/** A task whose units end at given moments, in seconds. */
function task(...ends: readonly number[]) {
  let now = 0;
  const left = new TimeLeft(() => now);
  ends.forEach((at, i) => {
    now = at;
    left.reached(i + 1);
  });
  return { left, done: ends.length, at: (seconds: number) => (now = seconds) };
}

describe('time left', () => {
  it('is not guessed from the first unit, however fast it was', () => {
    // Eight steps of a ten-minute epoch are queued at once; each takes 1.6 s.
    const queued = [30, 30.01, 30.02, 30.03, 30.04, 30.05, 30.06, 30.07];
    const { left, done } = task(...queued);
    expect(left.seconds(1, 372)).toBeUndefined();
    expect(left.seconds(done, 372)).toBeUndefined();
  });

  it('rests on what happened after compiling and queueing', () => {
    const queued = Array.from({ length: 8 }, (_, i) => 30 + i / 100);
    const waited = Array.from({ length: 12 }, (_, i) => 30 + 1.6 * (i + 1));
    const { left, done } = task(...queued, ...waited);
    const truth = 1.6 * (372 - done);
    expect(Math.abs(left.seconds(done, 372)! / truth - 1)).toBeLessThan(0.1);
  });

  it('follows a pace that changes', () => {
    const fast = Array.from({ length: 100 }, (_, i) => (i + 1) / 10);
    const slow = Array.from({ length: 20 }, (_, i) => 10 + i + 1);
    const { left, done } = task(...fast, ...slow);
    expect(left.rate(done)).toBeCloseTo(1, 1);
    expect(left.seconds(done, done + 50)).toBeGreaterThan(45);
  });

  it('is unknown while nothing moves', () => {
    const { left, at } = task(1);
    at(100);
    expect(left.seconds(1, 10)).toBeUndefined();
    expect(new TimeLeft().seconds(0, 10)).toBeUndefined();
  });
});
