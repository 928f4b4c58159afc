/**
 * The parts of `hardware.mjs`: what is timed together, which figure results, and its goal. `compiled` comes
 * last, because it compares the sweeps of the other parts with torch.compile.
 */
import { TOLERANCES } from './compare.mjs';
import { relativeDifference } from './statistics.mjs';
import { agreementRows, countedRows } from './sweep-figures.mjs';
import { number } from './table.mjs';

/** Seconds that the last part needs after its compilation. */
const MEASURING = 12;

const K = 6;
const POSITION = 17;
/** Sequences of a training step. */
export const BATCH = 100;

/**
 * `steps` replayed before a loss is read, `models` trained at once, `sequences` predicted, `batches` of other
 * libraries, and the size of a sweep.
 */
export const SIZES = {
  full: {
    steps: 100,
    models: [1, 8, 32],
    sequences: 2 ** 18,
    batches: [16_384, 65_536],
    k: K,
    backgrounds: 1000,
  },
  quick: { steps: 1, models: [1, 2], sequences: 256, batches: [128], k: 3, backgrounds: 4 },
};
/** Kinds of work that each part asks its runners for. */
export const KINDS = {
  train: ['train'],
  predict: ['forward'],
  host: ['host'],
  sweep: ['sweep', 'loop'],
  compiled: ['train', 'forward'],
};

const STEP = { unit: 'ms a step and model', decimals: 3, isLess: true };
const RATE = { unit: 'million sequences/s', decimals: 3, isLess: false };
const WHOLE = { unit: 's', decimals: 3, isLess: true };

const isOurs = ({ kind }) => kind === 'ours';

/**
 * @param of `size`, one of `SIZES`; the `runners` and where their `figures` go; `codes`
 * [size.sequences * length] and the `probes` of a training step; `secondsLeft()` of the whole run
 * @returns a function for every name of `KINDS`
 */
export function partsOf({ size, runners, figures, codes, probes, length, secondsLeft }) {
  /** Our predictions of all codes in f32. The others' are compared with them before they are timed. */
  let expected;
  function checkPredictions({ precision }, predictions) {
    expected ??= predictions;
    const difference = relativeDifference(predictions, expected.subarray(0, predictions.length));
    if (!(difference <= TOLERANCES[precision])) throw new Error(`its predictions differ by ${difference}`);
  }

  const stepTitle = `training step of ${BATCH}, ${size.steps} replayed before a loss is read`;
  const predictionTitle = 'predictions of sequences on the device';
  const sweepTitle = `sweep of ${4 ** size.k} ${size.k}-mers in ${number(size.backgrounds)} backgrounds`;
  const pairs = 4 ** size.k * size.backgrounds;

  /** The fastest rate of each peer, from which the time of brute force is computed. */
  const predicted = new Map();
  /** Rows of our sweeps. */
  let swept = [];

  /** Runners that can do a kind of work: with torch.compile, or without. */
  const running = (kind, { isCompiled = false } = {}) =>
    runners.running.filter((runner) => runner.kinds.includes(kind) && runner.isCompiled === isCompiled);
  const slice = (count) => codes.slice(0, count * length);

  function trainingOf(models) {
    return { kind: 'train', ...probes, dropout: true, steps: size.steps, ...(models > 1 && { models }) };
  }

  /** A training step of several models at once. */
  function stepOf(runner, models = 1) {
    const goals = { 1: 0.45, 32: 0.1 };
    return {
      figure: 'step',
      runner,
      note: models === 1 ? '' : `${models} models`,
      work: trainingOf(models),
      value: (seconds) => (1000 * seconds) / (size.steps * models),
      ...(isOurs(runner) && { goal: goals[models] }),
    };
  }

  async function train() {
    const entries = running('train').flatMap((runner) =>
      (isOurs(runner) ? size.models : [1]).map((models) => stepOf(runner, models)),
    );
    await figures.measure(stepTitle, STEP, entries);
  }

  /** Our predictions of all sequences, or of a batch. */
  function predictionOf(runner, batch) {
    const goals = { f32: 4, f16: 10 };
    const count = isOurs(runner) ? size.sequences : batch;
    return {
      figure: 'prediction',
      runner,
      note: isOurs(runner) ? '' : `batch ${number(count)}`,
      work: { kind: 'forward', codes: slice(count) },
      check: checkPredictions,
      value: (seconds) => count / seconds / 1e6,
      ...(isOurs(runner) && { goal: goals[runner.precision] }),
    };
  }

  async function predict() {
    const entries = running('forward').flatMap((runner) =>
      (isOurs(runner) ? [size.sequences] : size.batches).map((batch) => predictionOf(runner, batch)),
    );
    keepRates(await figures.measure(predictionTitle, RATE, entries));
  }

  function keepRates(rows) {
    for (const { name, kind, precision, value } of rows)
      if (kind !== 'ours' && !(predicted.get(name)?.value > value)) predicted.set(name, { precision, value });
  }

  /** How long a whole sweep would take the peers, from their rates. */
  function bruteForce(names) {
    return names
      .filter((name) => predicted.has(name))
      .map((name) => {
        const { precision, value } = predicted.get(name);
        return {
          figure: 'sweep',
          name,
          kind: 'cuda',
          precision,
          note: 'brute force, from its rate',
          value: pairs / (1e6 * value),
        };
      });
  }

  /**
   * Runners with torch.compile, and ours once more beside them. All are compiled together in the time that is
   * left.
   */
  async function compiled() {
    const [steps, forwards] = ['train', 'forward'].map((kind) => running(kind, { isCompiled: true }));
    const [batch] = size.batches;
    const ready = new Set();
    await Promise.all(
      [...steps, ...forwards].map((runner) => {
        runner.longest = Math.max(1, secondsLeft() - MEASURING);
        const { work } = steps.includes(runner) ? stepOf(runner) : predictionOf(runner, batch);
        return figures.attempt(runner, async () => {
          await runner.request('prepare', work);
          await runner.request('run');
          await runner.request('release');
          ready.add(runner);
        });
      }),
    );
    const isReady = (runner) => ready.has(runner);
    if (steps.some(isReady)) {
      const entries = [...running('train').filter(isOurs), ...steps.filter(isReady)];
      await figures.measure(
        `${stepTitle}, compiled`,
        STEP,
        entries.map((runner) => stepOf(runner)),
      );
    }
    if (!forwards.some(isReady)) return;
    const entries = [...running('forward').filter(isOurs), ...forwards.filter(isReady)];
    const title = `${predictionTitle}, compiled`;
    keepRates(
      await figures.measure(
        title,
        RATE,
        entries.map((runner) => predictionOf(runner, batch)),
      ),
    );
    if (swept.length === 0) return;
    const names = forwards.map(({ name }) => name);
    figures.report(`${sweepTitle}, by compiled brute force`, WHOLE, [...swept, ...bruteForce(names)]);
  }

  async function host() {
    const goals = { f32: 3 };
    const entries = running('host').map((runner) => ({
      figure: 'prediction from the host',
      runner,
      work: { kind: 'host', codes },
      check: checkPredictions,
      value: (seconds) => size.sequences / seconds / 1e6,
      ...(isOurs(runner) && { goal: goals[runner.precision] }),
    }));
    await figures.measure(`predict ${number(size.sequences)} sequences of the host`, RATE, entries);
  }

  async function sweep() {
    const goals = { f32: 0.2, f16: 0.1 };
    const figure = 'sweep';
    const ours = running('sweep').map((runner) => ({
      figure,
      runner,
      work: {
        kind: 'sweep',
        codes: slice(size.backgrounds),
        k: size.k,
        position: POSITION,
        count: size.backgrounds,
      },
      value: (seconds) => seconds,
      goal: goals[runner.precision],
    }));
    const kmers = 2;
    const loops = running('loop').flatMap((runner) =>
      [32, 64].map((batch) => ({
        figure,
        runner,
        note: `one call a k-mer, batch ${batch}, from its rate`,
        work: { kind: 'loop', codes: slice(kmers * size.backgrounds), batch, backgrounds: size.backgrounds },
        check: checkPredictions,
        value: (seconds) => (seconds * pairs) / (kmers * size.backgrounds),
      })),
    );
    const rows = await figures.measure(
      sweepTitle,
      WHOLE,
      [...ours, ...loops],
      bruteForce([...predicted.keys()]),
    );
    swept = rows.filter(isOurs);
    const done = ours.filter(({ result }) => result);
    const counted = { unit: 'of a whole sweep, or of a pair', decimals: 0, isLess: true };
    figures.report('counted', counted, countedRows(done));
    const error = { unit: 'of the largest', decimals: 7, isLess: true };
    figures.report('importances beside those of f32', error, agreementRows(done));
  }

  return { train, predict, host, sweep, compiled };
}
