/** What is measured: a training step, prediction, and a slice of a sweep, all with the paper's model. */
import { data, gia, nn, ResidualBind } from 'residualbind-webgpu';

/** Floating-point operations of one forward pass of a sequence, two a multiply-add; the first convolution only adds. */
function forwardFlops({ length, filters, dilations, hidden, pool }) {
  const block = dilations.reduce((sum, dilation) => sum + 3 * length - 2 * dilation, 0) * filters * filters;
  const dense = Math.floor(length / pool) * filters * hidden + hidden;
  return 2 * (block + dense);
}

const sequences = (count) => {
  const { probes } = data.simulateProbes({ count, seed: 1 });
  return {
    codes: data.encodeSequences(probes.sequences),
    scores: Float32Array.from(probes.scores, Math.log),
  };
};

export const cases = {
  async train(gpu) {
    const batch = 100;
    const { codes, scores } = sequences(batch);
    const model = await ResidualBind.create(gpu);
    const dataset = nn.Dataset.upload(gpu, model.architecture, { codes }, scores);
    const step = await nn.TrainingStep.record(model, dataset, { batch, seed: 1 });
    let count = 0;
    return {
      title: `training step, batch ${batch}`,
      unit: 'sequences',
      amount: batch,
      // Forward, and as much again for the gradients of inputs and of kernels.
      flops: 3 * batch * forwardFlops(model.architecture),
      once: () => {
        step.run(0, ++count, 1e-3);
        return gpu.sync();
      },
      dispose: () => {
        for (const held of [step, dataset, model]) held.dispose();
      },
    };
  },

  async predict(gpu) {
    const count = 2048;
    const { codes } = sequences(count);
    const model = await ResidualBind.create(gpu);
    const dataset = nn.Dataset.upload(gpu, model.architecture, { codes });
    const predictor = await nn.Predictor.create(gpu, model, dataset);
    return {
      title: `prediction of ${count}`,
      unit: 'sequences',
      amount: count,
      flops: count * forwardFlops(model.architecture),
      once: () => predictor.run(),
      dispose: () => {
        for (const held of [predictor, dataset, model]) held.dispose();
      },
    };
  },

  async sweep(gpu) {
    const count = 64;
    const k = 2;
    const model = await ResidualBind.create(gpu);
    const { length } = model.architecture;
    const backgrounds = gia.makeBackgrounds({ kind: 'uniform', count, length, seed: 1 });
    const pairs = count * 4 ** k;
    return {
      title: `sweep of ${4 ** k} ${k}-mers x ${count}`,
      unit: 'pairs',
      amount: pairs,
      flops: (pairs + count) * forwardFlops(model.architecture),
      once: () => gia.sweep(model, { k, position: 17, backgrounds }),
      dispose: () => model.dispose(),
    };
  },
};
