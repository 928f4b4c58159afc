/**
 * The same work by several runners, fairly: one at a time, in alternating rounds, medians over all rounds. A runner
 * that fails drops out with its reason; ours may not fail.
 */
import { median, ratioToFastest } from './statistics.mjs';

export class Comparison {
  /** Runners still taking part. */
  runners;
  /** `{ name, reason }` of those that do not. */
  absent;

  constructor({ running, absent }) {
    this.runners = [...running];
    this.absent = [...absent];
  }

  /** Leaves out the runners that cannot do this. */
  only(can, reason) {
    for (const runner of this.runners.filter((runner) => !can(runner))) this.#drop(runner, reason);
  }

  /** Does the same with every runner, one after the other. */
  async each(body) {
    for (const runner of [...this.runners]) {
      try {
        await body(runner);
      } catch (error) {
        if (runner.kind === 'ours') throw error;
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
   * @param effort how many rounds, none of them begun after `budget` seconds, and what each runner does in one
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

/** Our speed over the fastest of the rows of a kind, or of one name. */
export function ratioOf(rows, isOther) {
  const rate = rows.find(({ kind }) => kind === 'ours')?.rate;
  return ratioToFastest(
    rate,
    rows.filter(isOther).map((row) => row.rate),
  );
}
