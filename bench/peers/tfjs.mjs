/**
 * TensorFlow.js: `tfjs.mjs webgpu|wasm`. Prediction uses its fused convolutions with folded weights. It has
 * no gradients for dilated convolutions ("dilation rates greater than 1 are not yet supported in gradients"),
 * so for training each convolution is written as shifted slices and one matMul.
 */
import { createRequire } from 'node:module';
import { ADAM, EPSILON, folded, MOMENTUM, oneHot } from '../network.mjs';
import { installNavigator } from './dawn.mjs';
import { serve } from './serve.mjs';

const backend = process.argv[2];
// These are the CommonJS builds: the others import files without extensions, which Node refuses.
const require = createRequire(import.meta.url);

serve(async ({ adapter, architecture, weights }) => {
  const givenAdapter = backend === 'webgpu' ? await installNavigator(adapter) : () => undefined;
  const tf = require('@tensorflow/tfjs');
  require(`@tensorflow/tfjs-backend-${backend}`);
  if (!(await tf.setBackend(backend))) throw new Error(`its backend ${backend} does not start`);
  await tf.ready();
  const { length, channels, dilations, filters, pool, dropout: rates } = architecture;
  const windows = Math.floor(length / pool);
  const last = dilations.length;
  const tensors = (arrays) =>
    Object.fromEntries(
      Object.entries(arrays).map(([name, { data, shape }]) => [name, tf.tensor(data, shape)]),
    );
  /** Mean pool and window-major flattening of [batch, length, filters]. */
  const pooled = (h, batch) =>
    tf.reshape(
      tf.mean(
        tf.reshape(tf.slice(h, [0, 0, 0], [batch, windows * pool, filters]), [batch, windows, pool, filters]),
        2,
      ),
      [batch, windows * filters],
    );

  async function forward(codes) {
    const batch = codes.length / length;
    const w = tensors(folded(weights, architecture));
    const x = tf.tensor(oneHot(codes), [batch, 1, length, channels]);
    const convolution = (h, i, activation) => {
      const [taps, inputs, outputs] = w[`conv${i}.w`].shape;
      return tf.fused.conv2d({
        x: h,
        filter: tf.reshape(w[`conv${i}.w`], [1, taps, inputs, outputs]),
        strides: 1,
        pad: 'same',
        dilations: [1, i === 0 ? 1 : dilations[i - 1]],
        bias: w[`conv${i}.b`],
        activation,
      });
    };
    const predict = () =>
      tf.tidy(() => {
        const entry = convolution(x, 0, 'relu');
        let h = entry;
        for (let i = 1; i <= last; i++) h = convolution(h, i, i < last ? 'relu' : 'linear');
        h = pooled(tf.reshape(tf.relu(tf.add(h, entry)), [batch, length, filters]), batch);
        h = tf.fused.matMul({ a: h, b: w['dense.w'], bias: w['dense.b'], activation: 'relu' });
        return tf.fused.matMul({ a: h, b: w['out.w'], bias: w['out.b'] });
      });
    return {
      async once() {
        const y = predict();
        const values = await y.data();
        y.dispose();
        return values;
      },
      dispose: () => tf.dispose([w, x]),
    };
  }

  function train(codes, scores, { dropout }) {
    const batch = scores.length;
    const isStatistic = (name) => /\.(mean|var)$/.test(name);
    const initial = tensors(weights);
    const p = Object.fromEntries(
      Object.entries(initial).map(([name, value]) => [name, tf.variable(value, !isStatistic(name))]),
    );
    const trained = Object.fromEntries(Object.entries(p).filter(([name]) => !isStatistic(name)));
    const x = tf.tensor(oneHot(codes), [batch, length, channels]);
    const y = tf.tensor(scores, [batch, 1]);
    const optimiser = tf.train.adam(ADAM.rate, ADAM.beta1, ADAM.beta2, ADAM.epsilon);

    const convolution = (h, i) => {
      const [taps, inputs, outputs] = p[`conv${i}.w`].shape;
      const dilation = i === 0 ? 1 : dilations[i - 1];
      const before = (dilation * (taps - 1)) / 2;
      const padded = tf.pad(h, [
        [0, 0],
        [before, before],
        [0, 0],
      ]);
      const shifted = Array.from({ length: taps }, (_, t) =>
        tf.slice(padded, [0, t * dilation, 0], [batch, length, inputs]),
      );
      const columns = tf.reshape(tf.concat(shifted, 2), [batch * length, taps * inputs]);
      const kernel = tf.reshape(p[`conv${i}.w`], [taps * inputs, outputs]);
      return tf.reshape(tf.matMul(columns, kernel), [batch, length, outputs]);
    };
    const drop = (h, rate) => (dropout && rate > 0 ? tf.dropout(h, rate) : h);
    /** The loss. If `statistics` is given, the moments of the batch are collected there. */
    const loss = (statistics) => {
      const norm = (h, i) => {
        const { mean, variance } = tf.moments(h, h.rank === 3 ? [0, 1] : [0]);
        statistics?.push([`bn${i}`, tf.keep(tf.clone(mean)), tf.keep(tf.clone(variance))]);
        const unit = tf.mul(tf.sub(h, mean), tf.rsqrt(tf.add(variance, EPSILON)));
        return tf.add(tf.mul(unit, p[`bn${i}.gamma`]), p[`bn${i}.beta`]);
      };
      const entry = drop(tf.relu(norm(convolution(x, 0), 0)), rates.first);
      let h = entry;
      for (let i = 1; i <= last; i++) {
        h = norm(convolution(h, i), i);
        if (i < last) h = drop(tf.relu(h), rates.block);
      }
      h = drop(pooled(tf.relu(tf.add(h, entry)), batch), rates.pool);
      h = drop(tf.relu(norm(tf.matMul(h, p['dense.w']), last + 1)), rates.hidden);
      return tf.mean(tf.square(tf.sub(tf.add(tf.matMul(h, p['out.w']), p['out.b']), y)));
    };
    return {
      async once() {
        const statistics = [];
        const value = optimiser.minimize(() => loss(statistics), true, Object.values(trained));
        tf.tidy(() => {
          const move = (running, batchValue) =>
            running.assign(tf.add(tf.mul(running, MOMENTUM), tf.mul(batchValue, 1 - MOMENTUM)));
          for (const [name, mean, variance] of statistics) {
            move(p[`${name}.mean`], mean);
            move(p[`${name}.var`], variance);
          }
        });
        tf.dispose(statistics.flatMap(([, ...moments]) => moments));
        const [number] = await value.data();
        value.dispose();
        return number;
      },
      async gradients() {
        const { grads, value } = tf.variableGrads(() => loss(), Object.values(trained));
        const named = {};
        for (const [name, variable] of Object.entries(trained))
          named[name] = await grads[variable.name].data();
        tf.dispose([grads, value]);
        return named;
      },
      dispose() {
        tf.dispose([initial, p, x, y]);
        optimiser.dispose();
      },
    };
  }

  return { about: { version: tf.version.tfjs, adapter: givenAdapter() }, forward, train };
});
