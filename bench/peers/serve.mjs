/**
 * The child's side of a runner (`../runners.mjs`): answers requests of the parent, one at a time, with one library.
 *
 * A peer is `open(options) -> { about, forward, train? }`, where
 * - `about` is what goes into the record: `version`, and on WebGPU `adapter`, the description of the adapter in use;
 * - `forward(codes)` and `train(codes, scores, { dropout })` prepare work on a batch that stays on the device and
 *   resolve to `{ once, dispose }`; `once` resolves when its result is on the host: predictions, or the step's loss;
 * - the product also has `sweep(backgrounds, undefined, { k, position, count, method, keepLocal })`: `once` resolves to
 *   `{ work, mean, local }`;
 * - training starts from the weights of `options` with a new optimiser, and also has `gradients()`, by name, at the
 *   weights it started from.
 */
import { sample } from '../timing.mjs';
import { countWork } from './dawn.mjs';

export function serve(open) {
  let peer;
  let work;
  const operations = {
    async open(options) {
      peer = await open(options);
      return { ...peer.about, trains: peer.train !== undefined };
    },
    async prepare({ kind, codes, scores, ...options }) {
      await operations.release();
      work = await peer[kind](codes, scores, options);
    },
    run: () => work.once(),
    gradients: () => work.gradients(),
    time: (effort) => sample(work.once, effort),
    count: () => countWork(work.once),
    async release() {
      await work?.dispose();
      work = undefined;
    },
  };
  // Never outlives the bench.
  process.on('disconnect', () => process.exit());
  process.on('message', async ({ id, operation, argument }) => {
    try {
      process.send({ id, result: await operations[operation](argument) });
    } catch (error) {
      process.send({ id, error: error instanceof Error ? error.message : String(error) });
    }
  });
}
