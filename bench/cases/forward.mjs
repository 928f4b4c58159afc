/**
 * The forward pass in evaluation mode. Each runner uses its best batch. Its predictions are compared with
 * ours first.
 */
import { Comparison, ratioOf, ratiosToCuda, TOLERANCES } from '../compare.mjs';
import { effortOf } from '../effort.mjs';
import { examples, forwardFlops } from '../network.mjs';
import { relativeDifference } from '../statistics.mjs';
import { number } from '../table.mjs';

const CHECKED = 64;

/** `longest` (seconds): a batch that would take longer, judged by the smaller ones, is not tried. */
const EFFORT = {
  quick: { batches: [100, 300], longest: 4, rounds: 3, minSamples: 1, maxTime: 0.3, budget: 25 },
  full: { batches: [100, 500, 1000, 4000], longest: 60, rounds: 5, minSamples: 2, maxTime: 2, budget: 600 },
  /** Enough work to keep a GPU busy. */
  hardware: {
    batches: [100, 1000, 4000, 16_000, 65_536],
    longest: 60,
    rounds: 5,
    minSamples: 5,
    maxTime: 0.5,
    budget: 60,
  },
};

export async function forward({ gpu, runners, architecture, quick }) {
  const { batches, longest, ...effort } = effortOf(EFFORT, gpu, quick);
  const { codes } = examples(Math.max(CHECKED, ...batches));
  const work = (batch) => ({ kind: 'forward', codes: codes.slice(0, batch * architecture.length) });
  const comparison = new Comparison(await runners(), 'forward');

  const differences = new Map();
  let expected;
  await comparison.each(async (runner) => {
    await runner.request('prepare', work(CHECKED));
    const predictions = await runner.request('run');
    expected ??= predictions;
    const difference = relativeDifference(predictions, expected);
    if (!(difference <= TOLERANCES[runner.precision]))
      throw new Error(`its predictions differ from ours by ${difference}`);
    differences.set(runner, difference);
  });

  const best = new Map();
  await comparison.each(async (runner) => {
    let most = 0;
    // torch.compile compiles the network again for each batch size.
    for (const batch of runner.isCompiled ? batches.slice(-1) : batches) {
      if (batch > longest * most && most > 0) break;
      await runner.request('prepare', work(batch));
      await runner.request('run');
      const rate = batch / Math.min(...(await runner.request('time', { minSamples: 1, maxTime: 0 })));
      if (rate > most) best.set(runner, batch);
      most = Math.max(most, rate);
    }
  });

  const seconds = await comparison.rounds((runner) => work(best.get(runner)), effort);
  const rows = [];
  await comparison.each(async (runner) => {
    const amount = best.get(runner);
    const flops = amount * forwardFlops(architecture);
    const row = await comparison.row(runner, { seconds: seconds.get(runner), amount, flops });
    rows.push({ ...row, difference: differences.get(runner) });
    await runner.request('release');
  });
  return {
    title: `forward in evaluation, best batch of ${batches.join(', ')}; predictions of ${CHECKED} agree within ${TOLERANCES.f32} of the largest in f32`,
    columns: {
      '<runner': ({ name }) => name,
      '<version': ({ version }) => version,
      batch: ({ batch }) => number(batch),
      'sequences/s': ({ rate }) => number(rate),
      'ms a batch': ({ seconds }) => number(1000 * seconds, 1),
      'from - to': ({ fastest, slowest }) => `${number(1000 * fastest, 1)} - ${number(1000 * slowest, 1)}`,
      runs: ({ runs }) => number(runs),
      'GFLOP/s': ({ gflops }) => number(gflops, 1),
      dispatches: ({ dispatches }) => number(dispatches || undefined),
      submits: ({ submits }) => number(submits || undefined),
      'rel. difference': ({ difference }) => difference.toExponential(1),
    },
    rows,
    absent: comparison.absent,
    ratios: {
      forward_vs_webgpu_peers: ratioOf(rows, ({ kind }) => kind === 'webgpu'),
      ...ratiosToCuda('forward', rows),
    },
  };
}
