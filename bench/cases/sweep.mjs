/** A slice of a k-mer sweep by the product. Peers have no sweep of their own: theirs would be loops written here. */
import { gia, ResidualBind } from '../../dist/index.js';
import { forwardFlops } from '../network.mjs';
import { median } from '../statistics.mjs';
import { number } from '../table.mjs';
import { sample } from '../timing.mjs';

const BACKGROUNDS = 64;
const K = 2;

const EFFORT = {
  quick: { minSamples: 3, maxTime: 2 },
  full: { minSamples: 9, maxTime: 20 },
};

export async function sweep({ gpu, architecture, weights, quick }) {
  const model = await ResidualBind.fromWeights(gpu, weights, { architecture });
  const { length } = architecture;
  const backgrounds = gia.makeBackgrounds({ kind: 'uniform', count: BACKGROUNDS, length, seed: 1 });
  const once = () => gia.sweep(model, { k: K, position: 17, backgrounds });
  await once();
  const before = { ...gpu.counters };
  await once();
  const counts = Object.fromEntries(
    Object.entries(gpu.counters).map(([name, count]) => [name, count - before[name]]),
  );
  const samples = await sample(once, EFFORT[quick ? 'quick' : 'full']);
  model.dispose();

  const pairs = BACKGROUNDS * 4 ** K;
  const seconds = median(samples);
  // As if every embedded sequence were predicted in full.
  const flops = (pairs + BACKGROUNDS) * forwardFlops(architecture);
  const row = {
    name: 'residualbind',
    kind: 'ours',
    seconds,
    runs: samples.length,
    rate: pairs / seconds,
    flops,
    gflops: flops / seconds / 1e9,
    ...counts,
  };
  return {
    title: `sweep of ${4 ** K} ${K}-mers x ${BACKGROUNDS} backgrounds`,
    columns: {
      '<runner': ({ name }) => name,
      'ms a run': ({ seconds }) => number(1000 * seconds, 1),
      'pairs/s': ({ rate }) => number(rate),
      'GFLOP/s': ({ gflops }) => number(gflops, 1),
      dispatches: ({ dispatches }) => number(dispatches),
      submits: ({ submits }) => number(submits),
      'new bind groups': ({ bindGroups }) => number(bindGroups),
      'uploaded bytes': ({ uploadedBytes }) => number(uploadedBytes),
      runs: ({ runs }) => number(runs),
    },
    rows: [row],
    absent: [],
    ratios: {},
  };
}
