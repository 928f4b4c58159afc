/**
 * A sweep of all k-mers. Ours uses the work that patterns share, or embeds and predicts each one; other
 * libraries embed and predict. They run at their best: the embedded sequences are on the device before the
 * clock starts, and only the prediction is timed. The time of the whole sweep is computed from the rates of
 * slices. Ours is also measured as a whole on a GPU, and once on a processor unless the run is quick.
 */
import { gia } from '../../dist/index.js';
import { Comparison, ratioOf, ratiosToCuda, TOLERANCES } from '../compare.mjs';
import { effortOf } from '../effort.mjs';
import { median, relativeDifference } from '../statistics.mjs';
import { number } from '../table.mjs';

const K = 6;
const POSITION = 17;
const KMERS = 4 ** K;
/** Backgrounds of the whole sweep. */
const WHOLE = 1000;

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
  /** Keeps a GPU busy for as long as the smaller efforts keep a processor busy. */
  hardware: {
    slice: WHOLE,
    naive: 24,
    batches: [1000, 4000, 16_000, 65_536],
    longest: 60,
    rounds: 5,
    minSamples: 1,
    maxTime: 0.5,
    budget: 60,
  },
};

/** The methods of ours in f32. The first is the default. */
const METHODS = [
  { name: 'residualbind', kind: 'ours', method: 'filtered' },
  { name: 'residualbind, shared products', kind: 'variant', method: 'shared' },
  { name: 'residualbind, naive', kind: 'naive', method: 'naive' },
];
/** In other precisions, the engine chooses the method. */
const waysOf = ({ name, precision }) => (precision === 'f32' ? METHODS : [{ name, kind: 'ours' }]);

export async function sweep({ gpu, runners, architecture, quick }) {
  const { length } = architecture;
  const { slice, naive, batches, longest, rounds, budget, ...effort } = effortOf(EFFORT, gpu, quick);
  const { codes } = gia.makeBackgrounds({ kind: 'uniform', count: WHOLE, length, seed: 1 });
  const comparison = new Comparison(await runners(), 'forward');
  const isOurs = ({ kind }) => kind === 'ours';
  const ours = () => comparison.runners.filter(isOurs);
  const peers = () => comparison.runners.filter((runner) => !isOurs(runner));
  const sweepOf = (options) => ({ kind: 'sweep', codes, k: K, position: POSITION, ...options });

  // Compare local importances of a small sweep: ours with every method, then those from the others'
  // predictions of the same sequences.
  const small = { k: CHECKED.k, count: CHECKED.backgrounds, keepLocal: true };
  const differences = new Map();
  let expected;
  const check = (name, precision, local) => {
    expected ??= local;
    const difference = relativeDifference(local, expected);
    if (!(difference <= TOLERANCES[precision]))
      throw new Error(`local importances of ${name} differ from naive ones by ${difference}`);
    differences.set(name, difference);
  };
  await comparison.each(async (runner) => {
    if (!isOurs(runner)) return;
    for (const { name, method } of waysOf(runner).toReversed()) {
      await runner.request('prepare', sweepOf({ ...small, method }));
      check(name, runner.precision, (await runner.request('run')).local);
    }
  });
  const checked = embedded(codes, length, CHECKED.k, CHECKED.backgrounds);
  await comparison.each(async (runner) => {
    if (isOurs(runner)) return;
    await runner.request('prepare', { kind: 'forward', codes: checked });
    check(runner.name, runner.precision, localImportances(await runner.request('run'), CHECKED.backgrounds));
  });

  const pairs = embedded(codes, length, K, 1 + Math.ceil(Math.max(...batches) / KMERS)).subarray(length);
  const predictionOf = (batch) => ({ kind: 'forward', codes: pairs.slice(0, batch * length) });
  const best = new Map();
  await comparison.each(async (runner) => {
    if (isOurs(runner)) return;
    let most = 0;
    // torch.compile compiles the network again for each batch size.
    for (const batch of runner.isCompiled ? batches.slice(-1) : batches) {
      if (batch > longest * most && most > 0) break;
      await runner.request('prepare', predictionOf(batch));
      await runner.request('run');
      const rate = batch / Math.min(...(await runner.request('time', { minSamples: 1, maxTime: 0 })));
      if (rate > most) best.set(runner, batch);
      most = Math.max(most, rate);
    }
  });

  const entries = [
    ...ours().flatMap((runner) =>
      waysOf(runner).map(({ name, kind, method }) => {
        const count = method === 'naive' ? naive : slice;
        return {
          name,
          kind,
          runner,
          work: sweepOf({ method, count, keepLocal: false }),
          amount: count * KMERS,
        };
      }),
    ),
    ...peers().map((runner) => {
      const amount = best.get(runner);
      return { name: runner.name, kind: runner.kind, runner, work: predictionOf(amount), amount };
    }),
  ];
  const seconds = new Map(entries.map((entry) => [entry, []]));
  const start = performance.now();
  for (let round = 0; round < rounds && performance.now() - start < 1000 * budget; round++) {
    for (const entry of entries) {
      await entry.runner.request('prepare', entry.work);
      // The first run of a process compiles. In ours, later runs find the pipelines in the cache.
      if (round === 0 || !isOurs(entry.runner)) entry.last = await entry.runner.request('run');
      seconds.get(entry).push(...(await entry.runner.request('time', effort)));
    }
  }

  const rows = [];
  for (const entry of entries) {
    const { name, kind, runner, amount, last } = entry;
    const time = median(seconds.get(entry));
    const rate = amount / time;
    const work = isOurs(runner) ? last.work : undefined;
    rows.push({
      name,
      kind,
      precision: runner.precision,
      version: runner.about.version,
      pairs: amount,
      seconds: time,
      runs: seconds.get(entry).length,
      rate,
      whole: (KMERS * WHOLE) / rate,
      difference: differences.get(name),
      ...(amount === KMERS * WHOLE && { measured: time }),
      ...(work && {
        multiplyAdds: work.multiplyAdds / work.pairs,
        gflops: (2 * work.multiplyAdds) / time / 1e9,
        dispatches: work.dispatches,
        submits: work.submits,
        bytesPerPair: work.bytesPerPair,
      }),
    });
  }
  if (!quick && slice < WHOLE) {
    const [first] = ours();
    await first.request('prepare', sweepOf({ method: 'filtered', count: WHOLE, keepLocal: false }));
    const [whole] = await first.request('time', { minSamples: 1, maxTime: 0 });
    rows[0].measured = whole;
  }
  await comparison.each((runner) => runner.request('release'));
  return {
    title: `sweep of ${KMERS} ${K}-mers at ${POSITION}; local importances of ${4 ** CHECKED.k} ${CHECKED.k}-mers in ${CHECKED.backgrounds} backgrounds agree within ${TOLERANCES.f32} of the largest in f32`,
    columns: {
      '<runner': ({ name }) => name,
      '<version': ({ version }) => version,
      'pairs a run': ({ pairs }) => number(pairs),
      runs: ({ runs }) => number(runs),
      'pairs/s': ({ rate }) => number(rate),
      [`s for ${number(WHOLE)} backgrounds, from its rate`]: ({ whole }) => number(whole, whole < 10 ? 3 : 0),
      measured: ({ measured }) => number(measured, measured < 10 ? 3 : 0),
      'multiply-adds a pair': ({ multiplyAdds }) => number(multiplyAdds),
      'GFLOP/s': ({ gflops }) => number(gflops, 1),
      dispatches: ({ dispatches }) => number(dispatches),
      submits: ({ submits }) => number(submits),
      'bytes a pair': ({ bytesPerPair }) => number(bytesPerPair),
      'rel. difference': ({ difference }) => difference.toExponential(1),
    },
    rows,
    absent: comparison.absent,
    ratios: {
      sweep_vs_webgpu_peers: ratioOf(rows, ({ kind }) => kind === 'webgpu'),
      sweep_vs_naive: ratioOf(rows, ({ kind }) => kind === 'naive'),
      sweep_vs_ort_native: ratioOf(rows, ({ name }) => name === 'onnxruntime-node'),
      ...ratiosToCuda('sweep', rows),
    },
  };
}

/**
 * Codes of `count` backgrounds. Each background comes first without, then with each k-mer embedded: [(1 +
 * 4^k) * count * length].
 */
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
