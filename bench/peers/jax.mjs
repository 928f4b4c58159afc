/**
 * jax-js on WebGPU; its README does not mention Node. Prediction and the training step (loss, gradients,
 * hand-written Adam, running statistics, dropout from its own generator) are one jit each. In jax-js a
 * function consumes its arguments; `.ref` keeps one for later.
 */
import { createRequire } from 'node:module';
import { ADAM, EPSILON, folded, MOMENTUM, oneHot, outputMajor, outputMinor } from '../network.mjs';
import { installNavigator } from './dawn.mjs';
import { serve } from './serve.mjs';

/** [batch, length, channels] as [batch, channels, length]. */
function channelsFirst(x, batch, length, channels) {
  const turned = new Float32Array(x.length);
  for (let b = 0; b < batch; b++)
    for (let l = 0; l < length; l++)
      for (let c = 0; c < channels; c++)
        turned[(b * channels + c) * length + l] = x[(b * length + l) * channels + c];
  return turned;
}

const isKernel = (name) => /^conv\d+\.w$/.test(name);
const isStatistic = (name) => /\.(mean|var)$/.test(name);

serve(async ({ adapter, architecture, weights }) => {
  const givenAdapter = await installNavigator(adapter);
  const jax = await import('@jax-js/jax');
  const { numpy: np, lax, nn, random, tree, jit, valueAndGrad } = jax;
  if (!(await jax.init('webgpu')).includes('webgpu')) throw new Error('its WebGPU device does not start');
  jax.defaultDevice('webgpu');
  const { length, channels, dilations, filters, pool, hidden, dropout: rates } = architecture;
  const windows = Math.floor(length / pool);
  const last = dilations.length;

  /** Numbers per filter lie along axis 1 of [batch, filters, length]. */
  const perFilter = (name) => /^(bn\d+\.|conv\d+\.b)/.test(name) && !name.startsWith(`bn${last + 1}.`);
  const arrays = (named) =>
    Object.fromEntries(
      Object.entries(named).map(([name, array]) => {
        const { shape, data } = isKernel(name) ? outputMajor(array) : array;
        return [name, np.array(data.slice()).reshape(perFilter(name) ? [filters, 1] : shape)];
      }),
    );
  const input = (codes) => {
    const batch = codes.length / length;
    const x = channelsFirst(oneHot(codes), batch, length, channels);
    return np.array(x).reshape([batch, channels, length]);
  };
  const convolution = (x, w, i) =>
    lax.convGeneralDilated(x, w, [1], 'SAME', { rhsDilation: [i === 0 ? 1 : dilations[i - 1]] });
  /** Mean pool and window-major flattening of [batch, filters, length]. */
  const pooled = (h) => {
    const [batch] = h.shape;
    const cut = h.slice([], [], [0, windows * pool]).reshape([batch, filters, windows, pool]);
    return np.transpose(np.mean(cut, 3), [0, 2, 1]).reshape([batch, windows * filters]);
  };

  async function forward(codes) {
    const w = arrays(folded(weights, architecture));
    const x = input(codes);
    const predict = jit((p, sequences) => {
      const layer = (h, i) => convolution(h, p[`conv${i}.w`], i).add(p[`conv${i}.b`]);
      const entry = nn.relu(layer(sequences, 0));
      let h = entry.ref;
      for (let i = 1; i <= last; i++) h = i < last ? nn.relu(layer(h, i)) : layer(h, i);
      h = pooled(nn.relu(h.add(entry)));
      h = nn.relu(np.matmul(h, p['dense.w']).add(p['dense.b']));
      return np.matmul(h, p['out.w']).add(p['out.b']);
    });
    return {
      once: () => predict(tree.ref(w), x.ref).data(),
      dispose() {
        tree.dispose(w);
        x.dispose();
        predict.dispose();
      },
    };
  }

  async function train(codes, scores, { dropout }) {
    const all = arrays(weights);
    const pick = (keep) => Object.fromEntries(Object.entries(all).filter(([name]) => keep(name)));
    const initial = pick((name) => !isStatistic(name));
    const x = input(codes);
    const y = np.array(scores.slice()).reshape([scores.length, 1]);

    const loss = (p, sequences, goals, key) => {
      const moments = {};
      const norm = (h, i) => {
        const wide = h.shape.length === 3;
        const axes = wide ? [0, 2] : [0];
        const mean = np.mean(h.ref, axes, { keepdims: wide });
        const centred = h.sub(mean.ref);
        const variance = np.mean(np.square(centred.ref), axes, { keepdims: wide });
        const unit = centred.div(np.sqrt(variance.ref.add(EPSILON)));
        const shape = wide ? [filters, 1] : [hidden];
        moments[`bn${i}.mean`] = mean.reshape(shape);
        moments[`bn${i}.var`] = variance.reshape(shape);
        return unit.mul(p[`bn${i}.gamma`]).add(p[`bn${i}.beta`]);
      };
      let rest = key;
      const drop = (h, rate) => {
        if (!dropout || rate === 0) return h;
        const keys = random.split(rest, 2);
        rest = keys.ref.slice(0);
        const kept = random.bernoulli(keys.slice(1), 1 - rate, h.shape);
        return h.mul(np.where(kept, 1 / (1 - rate), 0));
      };
      const entry = drop(nn.relu(norm(convolution(sequences, p['conv0.w'], 0), 0)), rates.first);
      let h = entry.ref;
      for (let i = 1; i <= last; i++) {
        h = norm(convolution(h, p[`conv${i}.w`], i), i);
        if (i < last) h = drop(nn.relu(h), rates.block);
      }
      h = drop(pooled(nn.relu(h.add(entry))), rates.pool);
      h = drop(nn.relu(norm(np.matmul(h, p['dense.w']), last + 1)), rates.hidden);
      rest.dispose();
      const predicted = np.matmul(h, p['out.w']).add(p['out.b']);
      return [np.mean(np.square(predicted.sub(goals))), moments];
    };
    const lossAndGradients = valueAndGrad(loss, { hasAux: true });

    const update = jit(({ p, m, v, statistics, count, key }, sequences, goals) => {
      const keys = random.split(key, 2);
      const next = { p: {}, m: {}, v: {}, statistics: {}, count: count.add(1), key: keys.ref.slice(0) };
      const [[value, moments], gradients] = lossAndGradients(tree.ref(p), sequences, goals, keys.slice(1));
      // 1 - beta^t. The power of an array is computed through its logarithm.
      const correction = (beta) =>
        np
          .exp(next.count.ref.mul(Math.log(beta)))
          .mul(-1)
          .add(1);
      const rate = np.sqrt(correction(ADAM.beta2)).mul(ADAM.rate).div(correction(ADAM.beta1));
      for (const [name, g] of Object.entries(gradients)) {
        next.m[name] = m[name].mul(ADAM.beta1).add(g.ref.mul(1 - ADAM.beta1));
        next.v[name] = v[name].mul(ADAM.beta2).add(np.square(g).mul(1 - ADAM.beta2));
        const size = np.sqrt(next.v[name].ref).add(ADAM.epsilon);
        next.p[name] = p[name].sub(next.m[name].ref.mul(rate.ref).div(size));
      }
      rate.dispose();
      for (const [name, moment] of Object.entries(moments))
        next.statistics[name] = statistics[name].mul(MOMENTUM).add(moment.mul(1 - MOMENTUM));
      return [value, next];
    });

    let state = {
      p: tree.ref(initial),
      m: tree.map((w) => np.zeros(w.shape), initial),
      v: tree.map((w) => np.zeros(w.shape), initial),
      statistics: pick(isStatistic),
      count: np.array(new Float32Array([0])).reshape([]),
      key: random.key(1),
    };
    return {
      async once() {
        const [value, next] = update(state, x.ref, y.ref);
        state = next;
        await jax.blockUntilReady(next.p);
        return (await value.data())[0];
      },
      async gradients() {
        const evaluate = jit(lossAndGradients);
        const [[value, moments], gradients] = evaluate(tree.ref(initial), x.ref, y.ref, random.key(1));
        tree.dispose([value, moments]);
        const named = {};
        for (const [name, g] of Object.entries(gradients)) {
          const { shape } = g;
          const data = await g.data();
          named[name] = isKernel(name) ? outputMinor({ shape, data }).data : data;
        }
        evaluate.dispose();
        return named;
      },
      dispose() {
        tree.dispose([state, initial, x, y]);
        update.dispose();
      },
    };
  }

  const { version } = createRequire(import.meta.url)('../node_modules/@jax-js/jax/package.json');
  return { about: { version, adapter: givenAdapter() }, forward, train };
});
