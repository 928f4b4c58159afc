/**
 * The same work by several runners, fairly: one at a time, in alternating rounds, medians over all rounds. A
 * runner that fails drops out with its reason; ours may not fail.
 */
import { median, ratioToFastest } from './statistics.mjs';

/** Most that predictions may differ from ours in f32, of the largest, by how products are rounded. */
export const TOLERANCES = { f32: 1e-4, f16x2: 1e-4, tf32: 1e-2, f16: 2e-2 };

export class Comparison {
  /** Runners still taking part. */
  runners;
  /** `{ name, reason }` of those that do not. */
  absent;

  /**
   * @param kind of work; runners of other kinds are left out, and those whose library cannot do it are said
   */
  constructor({ running, absent }, kind) {
    this.runners = running.filter(({ kinds }) => kinds.includes(kind));
    this.absent = [
      ...absent,
      ...running
        .filter((runner) => !this.runners.includes(runner) && runner.kinds === runner.about.does)
        .map(({ name }) => ({ name, reason: `it has no work of the kind "${kind}"` })),
    ];
  }

  /** Does the same with every runner, one after the other. */
  async each(body) {
    for (const runner of [...this.runners]) {
      try {
        await body(runner);
      } catch (error) {
        if (runner.kind === 'ours' && runner.precision === 'f32') throw error;
        this.#drop(runner, error.message);
      }
    }
  }

  #drop(runner, reason) {
    this.runners = this.runners.filter((other) => other !== runner);
    this.absent.push({ name: runner.name, reason });
  }

  /**
   * Alternates runners over rounds of the work that `prepare` gives each.
   *
   * @param prepare the argument of a runner's `prepare` request, see `peers/serve.mjs`
   * @param effort how many rounds, none of them begun after `budget` seconds, and what each runner does in
   * one
   * @returns seconds of every run, by runner
   */
  async rounds(prepare, { rounds, minSamples, maxTime, budget }) {
    const seconds = new Map();
    await this.each(async (runner) => {
      await runner.request('prepare', prepare(runner));
      // The first run compiles.
      await runner.request('run');
      seconds.set(runner, []);
    });
    const start = performance.now();
    for (let round = 0; round < rounds && performance.now() - start < 1000 * budget; round++) {
      await this.each(async (runner) => {
        seconds.get(runner).push(...(await runner.request('time', { minSamples, maxTime })));
      });
    }
    return seconds;
  }

  /** The row of a runner: its median, spread and what one run takes. */
  async row(runner, { seconds, amount, flops }) {
    const counts = await runner.request('count');
    const time = median(seconds);
    const { version, adapter, note } = runner.about;
    return {
      name: runner.name,
      kind: runner.kind,
      precision: runner.precision,
      version,
      ...(adapter === undefined ? {} : { adapter }),
      ...(note === undefined ? {} : { note }),
      batch: amount,
      seconds: time,
      fastest: Math.min(...seconds),
      slowest: Math.max(...seconds),
      runs: seconds.length,
      rate: amount / time,
      flops,
      gflops: flops / time / 1e9,
      ...counts,
    };
  }
}

/** Our speed, in f32 or another precision, over the fastest of the rows of a kind, or of one name. */
export function ratioOf(rows, isOther, own = 'f32') {
  const rate = rows.find(({ kind, precision = 'f32' }) => kind === 'ours' && precision === own)?.rate;
  return ratioToFastest(
    rate,
    rows.filter(isOther).map((row) => row.rate),
  );
}

/** Each precision of ours over PyTorch on the same card in the same precision, and f32 over TF32 too. */
export function ratiosToCuda(name, rows) {
  const cuda = rows.filter(({ kind }) => kind === 'cuda');
  if (cuda.length === 0) return {};
  const classes = [
    ['f32', 'f32'],
    ['f32', 'tf32'],
    ['f16', 'f16'],
  ];
  return Object.fromEntries(
    classes.map(([own, theirs]) => [
      `${name}_${own}_vs_torch_cuda_${theirs}`,
      ratioOf(rows, ({ kind, precision }) => kind === 'cuda' && precision === theirs, own),
    ]),
  );
}
