/**
 * How long each kernel of a training step and of a prediction takes. Each dispatch of the recorded plan is
 * replayed alone, so the sum can exceed the time of the whole plan, in which dispatches overlap. Bytes count
 * each buffer that a kernel binds once: they leave out what is read again from caches, and include what is
 * bound and not read.
 */
import { measureCeilings, nn, ResidualBind } from '../../dist/index.js';
import { examples, networkOf } from '../network.mjs';
import { replay, samplesOf } from '../replay.mjs';
import { median, rooflineShare } from '../statistics.mjs';
import { number } from '../table.mjs';

const TRAINING_BATCH = 100;
const PREDICTION_BATCH = 512;

const EFFORT = {
  quick: { samples: 3, seconds: 0.01 },
  full: { samples: 7, seconds: 0.05 },
};

export async function kernels({ gpu, architecture: sizes, weights, quick }) {
  const architecture = networkOf(sizes);
  const measured = await measureCeilings(gpu);
  const ceilings = { flops: measured.arithmetic.rate, bytesPerSecond: measured.bandwidth.rate };
  const effort = EFFORT[quick ? 'quick' : 'full'];
  const model = await ResidualBind.fromWeights(gpu, weights, { architecture });
  const { codes, scores } = examples(PREDICTION_BATCH);

  const batch = codes.slice(0, TRAINING_BATCH * architecture.length);
  const examplesOfStep = nn.Dataset.upload(
    gpu,
    architecture,
    { codes: batch },
    scores.slice(0, TRAINING_BATCH),
  );
  const step = await nn.TrainingStep.record(model, examplesOfStep, { batch: TRAINING_BATCH, seed: 1 });
  const training = await profile(gpu, step.plans.get(TRAINING_BATCH), effort);

  const sequences = nn.Dataset.upload(gpu, architecture, { codes });
  const predictor = await nn.Predictor.create(gpu, model, sequences);
  const prediction = await profile(gpu, predictor.plan, effort);
  await gpu.sync();
  for (const held of [predictor, sequences, step, examplesOfStep, model]) held.dispose();

  const rated = (plan) => (kernel) => ({
    plan,
    ...kernel,
    gflops: kernel.flops / kernel.seconds / 1e9,
    gigabytes: kernel.bytes / kernel.seconds / 1e9,
    roofline: rooflineShare(kernel, ceilings),
  });
  return {
    title:
      `kernels of a training step of ${TRAINING_BATCH} and of a prediction of ${PREDICTION_BATCH}; ` +
      `ceilings: ${number(ceilings.flops / 1e9, 1)} GFLOP/s, ${number(ceilings.bytesPerSecond / 1e9, 1)} GB/s`,
    columns: {
      '<of': ({ plan }) => plan,
      '<kernel': ({ name }) => name,
      calls: ({ calls }) => number(calls),
      ms: ({ seconds }) => number(1000 * seconds, 2),
      MFLOP: ({ flops }) => number(flops ? flops / 1e6 : undefined, 1),
      MB: ({ bytes }) => number(bytes / 1e6, 2),
      'GFLOP/s': ({ gflops }) => number(gflops || undefined, 1),
      'GB/s': ({ gigabytes }) => number(gigabytes, 1),
      'of roofline': ({ roofline }) => `${number(100 * roofline)} %`,
    },
    rows: [...training.map(rated('train')), ...prediction.map(rated('predict'))],
    ceilings,
    absent: [],
    ratios: {},
  };
}

/**
 * The same shader computes convolutions, dense layers and both their gradients. For the gradient of the
 * input, the kernel is read in reverse.
 */
function nameOf(label, { length, taps, w_tap }) {
  const gradient = w_tap < 0 ? ', dx' : '';
  return label + (length === 1 && taps === 1 ? ', dense' : '') + gradient;
}

/**
 * The whole plan, then its kernels, slowest first. Each has its calls, and the seconds, flops and bytes of
 * all its calls.
 */
async function profile(gpu, { steps, recording }, effort) {
  const kernels = new Map();
  for (const [i, step] of steps.entries()) {
    const { program, params, flops, buffers } = recording.dispatches[i];
    const name = nameOf(program.label, params);
    const kernel = kernels.get(name) ?? {
      name,
      calls: 0,
      seconds: 0,
      flops: 0,
      bytes: 0,
    };
    kernel.calls++;
    kernel.seconds += median(await samplesOf(gpu, step, effort));
    kernel.flops += flops;
    // A uniform block is bound without a range and has only a few bytes.
    kernel.bytes += Object.values(buffers).reduce((sum, { bytes = 0 }) => sum + bytes, 0);
    kernels.set(name, kernel);
  }
  const whole = [];
  for (let run = 0; run < effort.samples; run++) whole.push(await replay(gpu, steps, 1));
  const total = (key) => [...kernels.values()].reduce((sum, kernel) => sum + kernel[key], 0);
  return [
    {
      name: '(all of it)',
      calls: steps.length,
      seconds: median(whole),
      flops: total('flops'),
      bytes: total('bytes'),
    },
    ...[...kernels.values()].sort((a, b) => b.seconds - a.seconds),
  ];
}
