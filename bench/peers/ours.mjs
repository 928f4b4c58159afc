/** The product, timed in the same way as its peers. */
import { createRequire } from 'node:module';
import { gia, nn, ResidualBind, requestGpu } from '../../dist/index.js';
import { readSet } from '../../dist/nn/weights.js';
import { ADAM, networkOf } from '../network.mjs';
import { serve } from './serve.mjs';

const { version } = createRequire(import.meta.url)('../../package.json');

serve(async ({ adapter, architecture: sizes, weights }) => {
  const architecture = networkOf(sizes);
  const gpus = new Map();
  /** Each precision has its own device, because its features are requested from the adapter only for it. */
  const gpuOf = async (precision) => {
    if (!gpus.has(precision))
      gpus.set(precision, await requestGpu({ precision, ...(adapter !== undefined && { adapter }) }));
    return gpus.get(precision);
  };
  /** Options of a call for a precision. */
  const rounding = (precision) => (precision === 'f32' ? {} : { precision });
  const create = async (precision, models = 1) =>
    ResidualBind.fromWeights(
      await gpuOf(precision),
      Array.from({ length: models }, () => weights),
      {
        architecture,
      },
    );
  const disposer =
    (...held) =>
    () => {
      for (const each of held) each.dispose();
    };

  const gpu = await gpuOf('f32');
  return {
    about: { version, adapter: gpu.device.adapterInfo.description, class: gpu.adapter.class },
    async forward(codes, _, { precision = 'f32' }) {
      const model = await create(precision);
      const dataset = nn.Dataset.upload(model.gpu, architecture, { codes });
      const predictor = await nn.Predictor.create(model.gpu, model, dataset, rounding(precision));
      return { once: () => predictor.predict(), dispose: disposer(predictor, dataset, model) };
    },
    async host(codes, _, { precision = 'f32' }) {
      const model = await create(precision);
      return { once: () => model.predict({ codes }, rounding(precision)), dispose: disposer(model) };
    },
    async sweep(codes, _, { k, position, count, method, keepLocal, precision = 'f32' }) {
      const model = await create(precision);
      const { length } = architecture;
      const backgrounds = {
        kind: 'uniform',
        seed: 1,
        count,
        length,
        codes: codes.subarray(0, count * length),
      };
      const options = { k, position, backgrounds, method, keepLocal, ...rounding(precision) };
      return {
        async once() {
          const { models, work } = await gia.sweep(model, options);
          return { work, mean: models[0].mean, local: models[0].local };
        },
        dispose: disposer(model),
      };
    },
    async train(codes, scores, { dropout, steps = 1, models = 1 }) {
      const model = await create('f32', models);
      const dataset = nn.Dataset.upload(gpu, architecture, { codes }, scores);
      const step = await nn.TrainingStep.record(model, dataset, { batch: scores.length, seed: 1, dropout });
      let count = 0;
      return {
        async once() {
          for (let i = 0; i < steps; i++) step.run(0, ++count, ADAM.rate);
          return (await step.losses.readFloats())[0];
        },
        async gradients() {
          const fresh = await create('f32');
          const first = await nn.TrainingStep.record(fresh, dataset, {
            batch: scores.length,
            seed: 1,
            dropout,
          });
          first.run(0, 1, ADAM.rate);
          const gradients = await readSet(first.gradients, 0);
          disposer(first, fresh)();
          return Object.fromEntries(Object.entries(gradients).map(([name, { data }]) => [name, data]));
        },
        dispose: disposer(step, dataset, model),
      };
    },
  };
});
