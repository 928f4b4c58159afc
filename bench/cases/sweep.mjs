/**
 * A k-mer sweep: ours by what patterns share, and by embedding and predicting; other libraries by embedding and
 * predicting, at their best: the embedded sequences lie on the device before the clock starts, and nothing but the
 * prediction is timed. Rates of slices; the time of the whole sweep follows from them, and ours is also measured.
 */
import { gia } from '../../dist/index.js';
import { Comparison, ratioOf } from '../compare.mjs';
import { effortOf } from '../effort.mjs';
import { median, relativeDifference } from '../statistics.mjs';
import { number } from '../table.mjs';

const K = 6;
const POSITION = 17;
const KMERS = 4 ** K;
/** Backgrounds of the whole sweep. */
const WHOLE = 1000;

/** Of the largest local importance. */
const TOLERANCE = 1e-4;
/** K-mers and backgrounds that all runners compute first. */
const CHECKED = { k: 3, backgrounds: 4 };

/** `slice`: backgrounds of ours; `batches`, `longest` and the rest as in forward.mjs. */
const EFFORT = {
  quick: {
    slice: 12,
    naive: 2,
    batches: [100, 300],
    longest: 4,
    rounds: 5,
    minSamples: 1,
    maxTime: 0.5,
    budget: 60,
  },
  full: {
    slice: 48,
    naive: 6,
    batches: [100, 500, 1000, 4000],
    longest: 60,
    rounds: 5,
    minSamples: 1,
    maxTime: 2,
    budget: 900,
  },
  /** What keeps a GPU busy for as long as the others keep a processor. */
  hardware: {
    slice: 200,
    naive: 24,
    batches: [1000, 4000, 16_000],
    longest: 60,
    rounds: 5,
    minSamples: 3,
    maxTime: 0.5,
    budget: 60,
  },
};

/** What ours runs: the default first. */
const METHODS = [
  { name: 'residualbind', kind: 'ours', method: 'filtered' },
  { name: 'residualbind, shared products', kind: 'variant', method: 'shared' },
  { name: 'residualbind, naive', kind: 'naive', method: 'naive' },
];

export async function sweep({ gpu, runners, architecture, quick }) {
  const { length } = architecture;
  const { slice, naive, batches, longest, rounds, budget, ...effort } = effortOf(EFFORT, gpu, quick);
  const { codes } = gia.makeBackgrounds({ kind: 'uniform', count: WHOLE, length, seed: 1 });
  const comparison = new Comparison(await runners());
  const ours = comparison.runners.find(({ kind }) => kind === 'ours');
  const peers = () => comparison.runners.filter((runner) => runner !== ours);
  const sweepOf = (options) => ({ kind: 'sweep', codes, k: K, position: POSITION, ...options });

  // Local importances of a small sweep: ours by every method, then the others' predictions of the same sequences.
  const small = { k: CHECKED.k, count: CHECKED.backgrounds, keepLocal: true };
  const differences = new Map();
  let expected;
  for (const { method } of METHODS.toReversed()) {
    await ours.request('prepare', sweepOf({ ...small, method }));
    const { local } = await ours.request('run');
    expected ??= local;
    const difference = relativeDifference(local, expected);
    if (!(difference <= TOLERANCE))
      throw new Error(`the method ${method} differs from naive by ${difference}`);
    differences.set(method, difference);
  }
  const checked = embedded(codes, length, CHECKED.k, CHECKED.backgrounds);
  await comparison.each(async (runner) => {
    if (runner === ours) return;
    await runner.request('prepare', { kind: 'forward', codes: checked });
    const local = localImportances(await runner.request('run'), CHECKED.backgrounds);
    const difference = relativeDifference(local, expected);
    if (!(difference <= TOLERANCE))
      throw new Error(`its local importances differ from ours by ${difference}`);
    differences.set(runner, difference);
  });

  const pairs = embedded(codes, length, K, 1 + Math.ceil(Math.max(...batches) / KMERS)).subarray(length);
  const predictionOf = (batch) => ({ kind: 'forward', codes: pairs.slice(0, batch * length) });
  const best = new Map();
  await comparison.each(async (runner) => {
    if (runner === ours) return;
    let most = 0;
    for (const batch of batches) {
      if (batch > longest * most && most > 0) break;
      await runner.request('prepare', predictionOf(batch));
      await runner.request('run');
      const rate = batch / Math.min(...(await runner.request('time', { minSamples: 1, maxTime: 0 })));
      if (rate > most) best.set(runner, batch);
      most = Math.max(most, rate);
    }
  });

  const entries = [
    ...METHODS.map((each) => {
      const count = each.method === 'naive' ? naive : slice;
      const work = sweepOf({ method: each.method, count, keepLocal: false });
      return { ...each, runner: ours, work, amount: count * KMERS, difference: differences.get(each.method) };
    }),
    ...peers().map((runner) => {
      const amount = best.get(runner);
      const { name, kind } = runner;
      return { name, kind, runner, work: predictionOf(amount), amount, difference: differences.get(runner) };
    }),
  ];
  const seconds = new Map(entries.map((entry) => [entry, []]));
  const start = performance.now();
  for (let round = 0; round < rounds && performance.now() - start < 1000 * budget; round++) {
    for (const entry of entries) {
      await entry.runner.request('prepare', entry.work);
      // The first run of a process compiles; of ours, later ones find the pipelines in its cache.
      if (round === 0 || entry.runner !== ours) entry.last = await entry.runner.request('run');
      seconds.get(entry).push(...(await entry.runner.request('time', effort)));
    }
  }

  const rows = [];
  for (const entry of entries) {
    const { name, kind, runner, amount, difference, last } = entry;
    const time = median(seconds.get(entry));
    const rate = amount / time;
    const work = runner === ours ? last.work : undefined;
    rows.push({
      name,
      kind,
      version: runner.about.version,
      pairs: amount,
      seconds: time,
      runs: seconds.get(entry).length,
      rate,
      whole: (KMERS * WHOLE) / rate,
      difference,
      ...(work && {
        multiplyAdds: work.multiplyAdds / work.pairs,
        gflops: (2 * work.multiplyAdds) / time / 1e9,
        dispatches: work.dispatches,
        submits: work.submits,
      }),
    });
  }
  if (!quick) {
    await ours.request('prepare', sweepOf({ method: 'filtered', count: WHOLE, keepLocal: false }));
    const [whole] = await ours.request('time', { minSamples: 1, maxTime: 0 });
    rows[0].measured = whole;
  }
  await comparison.each((runner) => runner.request('release'));
  const isWebGpu = ({ kind }) => kind === 'webgpu';
  return {
    title: `sweep of ${KMERS} ${K}-mers at ${POSITION}; local importances of ${4 ** CHECKED.k} ${CHECKED.k}-mers in ${CHECKED.backgrounds} backgrounds agree within ${TOLERANCE} of the largest`,
    columns: {
      '<runner': ({ name }) => name,
      '<version': ({ version }) => version,
      'pairs a run': ({ pairs }) => number(pairs),
      runs: ({ runs }) => number(runs),
      'pairs/s': ({ rate }) => number(rate),
      [`s for ${number(WHOLE)} backgrounds, from its rate`]: ({ whole }) => number(whole),
      measured: ({ measured }) => number(measured),
      'multiply-adds a pair': ({ multiplyAdds }) => number(multiplyAdds),
      'GFLOP/s': ({ gflops }) => number(gflops, 1),
      dispatches: ({ dispatches }) => number(dispatches),
      submits: ({ submits }) => number(submits),
      'rel. difference': ({ difference }) => difference.toExponential(1),
    },
    rows,
    absent: comparison.absent,
    ratios: {
      sweep_vs_webgpu_peers: ratioOf(rows, isWebGpu),
      sweep_vs_naive: ratioOf(rows, ({ kind }) => kind === 'naive'),
      sweep_vs_ort_native: ratioOf(rows, ({ name }) => name === 'onnxruntime-node'),
    },
  };
}

/** Codes of `count` backgrounds, each as it is and then with every k-mer embedded: [(1 + 4^k) * count * length]. */
function embedded(codes, length, k, count) {
  const kmers = 4 ** k;
  const all = new Uint8Array(count * (1 + kmers) * length);
  for (let n = 0; n < count; n++) {
    for (let kmer = -1; kmer < kmers; kmer++) {
      const at = (n * (1 + kmers) + 1 + kmer) * length;
      all.set(codes.subarray(n * length, (n + 1) * length), at);
      for (let i = 0; i < k && kmer >= 0; i++) all[at + POSITION + i] = (kmer >> (2 * (k - 1 - i))) & 3;
    }
  }
  return all;
}

/** Local importances [4^k * count], pattern by pattern, from predictions of `embedded`. */
function localImportances(predictions, count) {
  const kmers = predictions.length / count - 1;
  return Float32Array.from({ length: kmers * count }, (_, i) => {
    const at = (i % count) * (1 + kmers);
    return predictions[at + 1 + Math.floor(i / count)] - predictions[at];
  });
}
