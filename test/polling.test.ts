/** Dawn polls in every iteration of the event loop at first, and then once per millisecond. */

import { afterEach, beforeEach, expect, it, vi } from 'vitest';

/** Callbacks that wait for the next iteration of the event loop, and for a timer. */
let soon: (() => void)[];
let later: Set<() => void>;
let now: number;

/** A queue of a fresh class that schedules polls as Dawn's binding does, until `answer` is called. */
async function openQueue(kind: 'hardware' | 'software' = 'software') {
  let waiting = 0;
  let polls = 0;
  let scheduled = false;
  const schedule = () => {
    if (scheduled || waiting === 0) return;
    scheduled = true;
    globalThis.setImmediate(() => {
      scheduled = false;
      polls++;
      schedule();
    });
  };
  class GPUQueue {
    onSubmittedWorkDone(...given: unknown[]) {
      if (given.includes('wrong')) throw new TypeError('wrong');
      waiting++;
      schedule();
      return [this, ...given];
    }
  }
  const { pollFor, pollLessOften } = await import('../src/device/adapter/polling.node.js');
  const classes = { GPUQueue: GPUQueue as unknown as { prototype: Record<string | symbol, unknown> } };
  pollLessOften(classes);
  pollLessOften(classes);
  pollFor(kind);
  return { queue: new GPUQueue(), answer: () => waiting--, polls: () => polls };
}

/** Runs what waits for the next iteration of the event loop, but not what that schedules. */
const iterate = () => {
  for (const callback of soon.splice(0)) callback();
};
const fireTimers = () => {
  for (const callback of [...later]) {
    later.delete(callback);
    callback();
  }
};

beforeEach(() => {
  soon = [];
  later = new Set();
  now = 1000;
  vi.spyOn(performance, 'now').mockImplementation(() => now);
  vi.stubGlobal('setImmediate', (callback: () => void) => soon.push(callback));
  vi.stubGlobal('setTimeout', (callback: () => void, delay: number) => {
    expect(delay).toBe(1);
    later.add(callback);
    return callback;
  });
  vi.stubGlobal('clearTimeout', (callback: () => void) => later.delete(callback));
  // The module keeps the timers that it finds when it is loaded.
  vi.resetModules();
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

it.each([
  ['hardware', 16],
  ['software', 1],
] as const)(
  'polls on %s without a pause for %i ms, then by a timer, until there is an answer',
  async (kind, eager) => {
    const { queue, answer, polls } = await openQueue(kind);
    expect(queue.onSubmittedWorkDone(7)).toEqual([queue, 7]);
    for (let i = 1; i <= 10; i++) {
      iterate();
      expect(polls()).toBe(i);
    }
    now += eager - 0.1;
    iterate();
    expect([polls(), soon.length, later.size]).toEqual([11, 1, 0]);
    now += 0.1;
    iterate();
    expect([polls(), soon.length, later.size]).toEqual([12, 0, 1]);
    fireTimers();
    expect([polls(), soon.length, later.size]).toEqual([13, 0, 1]);
    answer();
    fireTimers();
    expect([polls(), soon.length, later.size]).toEqual([14, 0, 0]);
  },
);

it('polls at once again where something else is called during a long wait', async () => {
  const { queue, answer, polls } = await openQueue();
  queue.onSubmittedWorkDone();
  now += 5;
  iterate();
  expect(later.size).toBe(1);
  queue.onSubmittedWorkDone();
  expect([soon.length, later.size]).toEqual([1, 0]);
  iterate();
  answer();
  answer();
  iterate();
  expect([polls(), soon.length, later.size]).toEqual([3, 0, 0]);
});

it('leaves the setImmediate of everybody else alone', async () => {
  const { setImmediate: before } = globalThis;
  const { queue } = await openQueue();
  queue.onSubmittedWorkDone();
  expect(globalThis.setImmediate).toBe(before);
  iterate();
  expect(globalThis.setImmediate).toBe(before);
  expect(() => queue.onSubmittedWorkDone('wrong')).toThrow(TypeError);
  expect(globalThis.setImmediate).toBe(before);
});
