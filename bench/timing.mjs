/**
 * Times asynchronous work with benchmark.js. The synchronisation is inside: `once` resolves when its result
 * is there.
 */
import Benchmark from 'benchmark';

/**
 * Runs `once` until at least `minSamples` samples are taken and `maxTime` seconds are over.
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
