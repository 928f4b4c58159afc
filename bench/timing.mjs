/**
 * Times asynchronous work with benchmark.js. `once` must resolve only when its result has arrived, so that
 * the time includes synchronisation.
 */
import Benchmark from 'benchmark';

/**
 * Runs `once` until it has been sampled `minSamples` times and `maxTime` seconds have passed.
 *
 * @returns seconds a run, one number per sample
 */
export function sample(once, { minSamples, maxTime }) {
  return new Promise((resolve, reject) => {
    new Benchmark({
      defer: true,
      minSamples,
      maxTime,
      fn: (deferred) => once().then(() => deferred.resolve(), reject),
      onComplete: ({ target }) => resolve(target.stats.sample),
      onError: ({ target }) => reject(target.error),
    }).run({ async: true });
  });
}
