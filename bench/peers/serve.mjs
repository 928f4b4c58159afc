/**
 * The child process of a runner (`../runners.mjs`). It answers the parent's requests, one at a time, with one
 * library.
 *
 * A peer is `open(options) -> { about, …kinds }`, where
 * - `about` is what goes into the record: `version`, and on WebGPU `adapter`, the description of the adapter
 *   in use;
 * - every kind of work prepares it and resolves to `{ once, dispose }`; `once` resolves when its result is on
 *   the host: - `forward(codes, undefined, options)` predicts sequences that stay on the device;
 *   - `host(codes, undefined, options)` predicts sequences that lie on the host;
 *   - `loop(codes, undefined, { batch })` predicts as the usual script does, with a call of `predict` a
 *     k-mer;
 *   - `train(codes, scores, { dropout, steps = 1, … })` takes steps, and gives the loss of the last; it
 *     starts from the weights of `options` with a new optimiser, and has `gradients()`, by name, at the
 *     weights it started from;
 *   - the product also has `sweep(backgrounds, undefined, { k, position, count, … })`: `once` resolves to
 *     `{ work, mean, local }`.
 *
 * Several pieces of work are kept ready in slots, so that they can be timed in turn without preparing them
 * again.
 */
import { sample } from '../timing.mjs';
import { countWork } from './dawn.mjs';

const KINDS = ['forward', 'host', 'loop', 'train', 'sweep'];

export function serve(open) {
  let peer;
  const works = new Map();
  const operations = {
    async open(_, options) {
      peer = await open(options);
      return { ...peer.about, does: KINDS.filter((kind) => kind in peer) };
    },
    async prepare(slot, { kind, codes, scores, ...options }) {
      await operations.release(slot);
      works.set(slot, await peer[kind](codes, scores, options));
    },
    run: (slot) => works.get(slot).once(),
    gradients: (slot) => works.get(slot).gradients(),
    time: (slot, effort) => sample(works.get(slot).once, effort),
    count: (slot) => countWork(works.get(slot).once),
    async release(slot) {
      await works.get(slot)?.dispose();
      works.delete(slot);
    },
  };
  // Exits when the bench exits.
  process.on('disconnect', () => process.exit());
  process.on('message', async ({ id, operation, slot, argument }) => {
    try {
      process.send({ id, result: await operations[operation](slot, argument) });
    } catch (error) {
      process.send({ id, error: error instanceof Error ? error.message : String(error) });
    }
  });
}
