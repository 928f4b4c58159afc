/**
 * How often Dawn's Node binding polls for results. It schedules each poll with `setImmediate`, so that every
 * wait for a GPU keeps a whole core busy, which a software adapter needs for its own work. Here a wait polls
 * like that at first, and then once per millisecond.
 */

import { type AdapterKind, SIZES } from '../sizes.js';

/** Milliseconds between polls after that; Node has no shorter timer. */
const PAUSE = 1;

/** The methods of Dawn's classes that return a promise. */
const ASYNCHRONOUS = {
  GPU: ['requestAdapter'],
  GPUAdapter: ['requestDevice'],
  GPUDevice: ['createComputePipelineAsync', 'createRenderPipelineAsync', 'popErrorScope'],
  GPUQueue: ['onSubmittedWorkDone'],
  GPUBuffer: ['mapAsync'],
  GPUShaderModule: ['getCompilationInfo'],
} as const;

type Method = (this: unknown, ...args: unknown[]) => unknown;

/** Classes by name, as npm package `webgpu` exports them. */
export type Classes = Readonly<
  Record<string, { readonly prototype: Record<string | symbol, unknown> } | undefined>
>;

const { setImmediate: runSoon, setTimeout: runLater, clearTimeout: cancel } = globalThis;

/** Milliseconds without pauses. */
let eager: number = SIZES.eagerMilliseconds.hardware;

/** Chooses how long to poll without pauses, for the whole process. */
export function pollFor(kind: AdapterKind): void {
  eager = SIZES.eagerMilliseconds[kind];
}

/** When an asynchronous method was last called. */
let lastCall = 0;

/** Polls that wait for a timer. */
const delayed = new Map<() => void, NodeJS.Timeout>();

/** Takes the place of `setImmediate` while Dawn runs. */
function schedule(callback: (...args: unknown[]) => void, ...args: unknown[]): void {
  const poll = () => {
    delayed.delete(poll);
    withOwnSchedule(() => callback(...args));
  };
  if (performance.now() - lastCall < eager) runSoon(poll);
  else delayed.set(poll, runLater(poll, PAUSE));
}

/** Runs Dawn's code, which is synchronous and looks up the global `setImmediate` when it schedules a poll. */
function withOwnSchedule<T>(dawn: () => T): T {
  const { setImmediate: original } = globalThis;
  globalThis.setImmediate = schedule as typeof setImmediate;
  try {
    return dawn();
  } finally {
    globalThis.setImmediate = original;
  }
}

/**
 * Begins the eager milliseconds again, so that a short wait that follows a long one does not wait for a
 * timer.
 */
function pollEagerly(): void {
  lastCall = performance.now();
  for (const [poll, timer] of delayed) {
    cancel(timer);
    runSoon(poll);
  }
  delayed.clear();
}

const CHANGED = Symbol.for('residualbind-webgpu.polling');

/** Changes the classes of npm package `webgpu`, once and for the whole process. */
export function pollLessOften(classes: Classes): void {
  for (const [name, methods] of Object.entries(ASYNCHRONOUS)) {
    const prototype = classes[name]?.prototype;
    if (!prototype || CHANGED in prototype) continue;
    prototype[CHANGED] = true;
    for (const method of methods) {
      const original = prototype[method] as Method;
      prototype[method] = function (this: unknown, ...args: unknown[]) {
        pollEagerly();
        return withOwnSchedule(() => original.apply(this, args));
      };
    }
  }
}
