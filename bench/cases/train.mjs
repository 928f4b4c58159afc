/**
 * A training step of 100 sequences: dropout, batch normalisation with the batch's statistics, mean squared
 * error and Adam. First the runners are compared, without dropout: gradients at the starting weights, and
 * losses of three steps of Adam.
 */
import { Comparison, ratioOf, ratiosToCuda } from '../compare.mjs';
import { examples, forwardFlops } from '../network.mjs';
import { relativeDifference, worstDifference } from '../statistics.mjs';
import { number } from '../table.mjs';

const BATCH = 100;
/**
 * Norm of the difference divided by the tensor's norm. Rounding alone gives 1e-5. But if rounding puts one
 * activation on different sides of zero in two libraries, the gradient of its channel and of all layers
 * before it changes by about 1e-3. On an H100, one activation of 1.6 million does this.
 */
const GRADIENT_TOLERANCE = { f32: 5e-3, tf32: 0.1 };
/** Relative to the largest loss. */
const LOSS_TOLERANCE = { f32: 1e-3, tf32: 1e-2 };
const STEPS = 3;

const EFFORT = {
  quick: { rounds: 3, minSamples: 1, maxTime: 0.3, budget: 25 },
  full: { rounds: 5, minSamples: 3, maxTime: 2, budget: 600 },
};

export async function train({ runners, architecture, quick }) {
  const { codes, scores } = examples(BATCH);
  const mean = scores.reduce((sum, score) => sum + score, 0) / BATCH;
  const work = (dropout) => ({ kind: 'train', codes, scores: scores.map((score) => score - mean), dropout });
  const comparison = new Comparison(await runners(), 'train');

  const checked = new Map();
  let expected;
  await comparison.each(async (runner) => {
    await runner.request('prepare', work(false));
    const gradients = await runner.request('gradients');
    const losses = [];
    for (let step = 0; step < STEPS; step++) losses.push(await runner.request('run'));
    expected ??= { gradients, losses };
    const gradient = worstDifference(gradients, expected.gradients);
    const loss = relativeDifference(losses, expected.losses);
    if (!(gradient.difference <= GRADIENT_TOLERANCE[runner.precision])) {
      throw new Error(`its gradient of ${gradient.name} differs from ours by ${gradient.difference}`);
    }
    if (!(loss <= LOSS_TOLERANCE[runner.precision]))
      throw new Error(`its losses ${losses} are not ours, ${expected.losses}`);
    checked.set(runner, { gradient: gradient.difference, loss });
  });

  const seconds = await comparison.rounds(() => work(true), EFFORT[quick ? 'quick' : 'full']);
  const rows = [];
  await comparison.each(async (runner) => {
    // The forward pass, the gradients of inputs and the gradients of kernels cost the same.
    const flops = 3 * BATCH * forwardFlops(architecture);
    const row = await comparison.row(runner, { seconds: seconds.get(runner), amount: BATCH, flops });
    rows.push({ ...row, ...checked.get(runner) });
    await runner.request('release');
  });
  return {
    title: `training step, batch ${BATCH}; gradients agree within ${GRADIENT_TOLERANCE.f32} of a tensor's norm, losses of ${STEPS} steps within ${LOSS_TOLERANCE.f32}`,
    columns: {
      '<runner': ({ name }) => name,
      '<version': ({ version }) => version,
      'ms a step': ({ seconds }) => number(1000 * seconds, 2),
      'from - to': ({ fastest, slowest }) => `${number(1000 * fastest, 2)} - ${number(1000 * slowest, 2)}`,
      runs: ({ runs }) => number(runs),
      'sequences/s': ({ rate }) => number(rate),
      'GFLOP/s': ({ gflops }) => number(gflops, 1),
      dispatches: ({ dispatches }) => number(dispatches || undefined),
      submits: ({ submits }) => number(submits || undefined),
      'rel. difference of gradients': ({ gradient }) => gradient.toExponential(1),
      'of losses': ({ loss }) => loss.toExponential(1),
    },
    rows,
    absent: comparison.absent,
    ratios: {
      train_vs_webgpu_peers: ratioOf(rows, ({ kind }) => kind === 'webgpu'),
      train_vs_torch: ratioOf(rows, ({ name }) => name === 'torch'),
      ...ratiosToCuda('train', rows),
    },
  };
}
