/** The product itself, timed like its peers. */
import { createRequire } from 'node:module';
import { gia, nn, ResidualBind, requestGpu } from '../../dist/index.js';
import { ADAM } from '../network.mjs';
import { serve } from './serve.mjs';

const { version } = createRequire(import.meta.url)('../../package.json');

serve(async ({ adapter, architecture, weights }) => {
  const gpu = await requestGpu(adapter === undefined ? {} : { adapter });
  const create = () => ResidualBind.fromWeights(gpu, weights, { architecture });
  const disposer =
    (...held) =>
    () => {
      for (const each of held) each.dispose();
    };

  return {
    about: { version, adapter: gpu.device.adapterInfo.description, class: gpu.adapter.class },
    async forward(codes) {
      const model = await create();
      const dataset = nn.Dataset.upload(gpu, architecture, { codes });
      const predictor = await nn.Predictor.create(gpu, model, dataset);
      return { once: () => predictor.predict(), dispose: disposer(predictor, dataset, model) };
    },
    async sweep(codes, _, { k, position, count, method, keepLocal }) {
      const model = await create();
      const { length } = architecture;
      const backgrounds = {
        kind: 'uniform',
        seed: 1,
        count,
        length,
        codes: codes.subarray(0, count * length),
      };
      return {
        async once() {
          const { models, work } = await gia.sweep(model, { k, position, backgrounds, method, keepLocal });
          return { work, mean: models[0].mean, local: models[0].local };
        },
        dispose: disposer(model),
      };
    },
    async train(codes, scores, { dropout }) {
      const model = await create();
      const dataset = nn.Dataset.upload(gpu, architecture, { codes }, scores);
      const step = await nn.TrainingStep.record(model, dataset, { batch: scores.length, seed: 1, dropout });
      let count = 0;
      return {
        async once() {
          step.run(0, ++count, ADAM.rate);
          return (await step.losses.readFloats())[0];
        },
        async gradients() {
          const fresh = await create();
          const { gradients } = await fresh.gradients({ codes }, scores);
          fresh.dispose();
          return Object.fromEntries(Object.entries(gradients).map(([name, { data }]) => [name, data]));
        },
        dispose: disposer(step, dataset, model),
      };
    },
  };
});
