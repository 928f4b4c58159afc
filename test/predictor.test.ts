/** Predictions of sequences on the host: a batch at a time, from one recording. */

import { describe, expect, it } from 'vitest';
import { CancelledError, InvalidSequenceError, NotFiniteError, ShapeError } from '../src/device/errors.js';
import { Dataset } from '../src/nn/dataset.js';
import { Predictor } from '../src/nn/prediction/predictor.js';
import { SequencePredictor } from '../src/nn/prediction/sequence-predictor.js';
import { ResidualBind } from '../src/nn/residualbind.js';
import { useGpu } from './support/gpu.js';
import { normals, randomCodes } from './support/numbers.js';

const gpu = useGpu();

const sizes = { length: 7, filters: 4, taps: 3, dilations: [1], pool: 3, hidden: 4, models: 2 };
const records = 10;
const codes = Uint8Array.from(randomCodes(records * sizes.length));
/** Codes of which the one at `place` is `code`. */
const spoilt = (place: number, code: number): Uint8Array =>
  codes.map((value, i) => (i === place ? code : value));

describe('predictions of sequences on the host', () => {
  it('are the same in every batch, and those of a data set', async () => {
    using model = await ResidualBind.create(gpu(), sizes);
    using dataset = Dataset.upload(gpu(), model.architecture, { codes });
    using predictor = await Predictor.create(gpu(), model, dataset);
    const expected = await predictor.predict();
    for (const batch of [1, 3, 5, 10, 64])
      expect(await model.predict({ codes }, { batch }), `batches of ${batch}`).toEqual(expected);
  });

  it('read structure profiles a batch at a time too', async () => {
    using model = await ResidualBind.create(gpu(), { ...sizes, channels: 6 });
    const profile = normals(records * sizes.length * 2);
    const whole = await model.predict({ codes, profile });
    expect(await model.predict({ codes, profile }, { batch: 4 })).toEqual(whole);
    profile[8 * sizes.length * 2] = Number.NaN;
    const spoilt = model.predict({ codes, profile }, { batch: 4 });
    await expect(spoilt).rejects.toThrow('structure profile of record 9 is NaN');
    await expect(model.predict({ codes, profile: profile.subarray(1) })).rejects.toThrow(ShapeError);
  });

  it.each([0, 13, 69])('name the record of a code that is none, at %i', async (place) => {
    using model = await ResidualBind.create(gpu(), sizes);
    for (const code of [5, 127, 133, 255]) {
      const message = `record ${Math.floor(place / sizes.length) + 1}: code ${code} is not 0 to 4`;
      for (const batch of [3, 10]) {
        const prediction = model.predict({ codes: spoilt(place, code) }, { batch });
        await expect(prediction).rejects.toThrow(InvalidSequenceError);
        await expect(prediction).rejects.toThrow(message);
      }
    }
  });

  it('look at codes from any byte on', async () => {
    using model = await ResidualBind.create(gpu(), sizes);
    const expected = await model.predict({ codes });
    for (const shift of [1, 2, 3]) {
      const shifted = new Uint8Array(codes.length + shift).subarray(shift);
      shifted.set(codes);
      expect(await model.predict({ codes: shifted })).toEqual(expected);
      shifted[50] = 9;
      await expect(model.predict({ codes: shifted })).rejects.toThrow('record 8: code 9');
    }
  });

  it('name the record of a prediction that is not finite', async () => {
    using model = await ResidualBind.create(gpu(), sizes);
    await model.parameters.get('out.b').write(Float32Array.of(0, Number.POSITIVE_INFINITY));
    const prediction = model.predict({ codes }, { batch: 4 });
    await expect(prediction).rejects.toThrow(NotFiniteError);
    await expect(prediction).rejects.toThrow('the prediction of record 1 is Infinity');
  });

  it('submit a plan and upload codes and its place once a batch, and say how far they are', async () => {
    using model = await ResidualBind.create(gpu(), sizes);
    const cost = async (batch: number) => {
      await gpu().sync();
      const before = { ...gpu().counters };
      const progress: (readonly number[])[] = [];
      await model.predict({ codes }, { batch, onProgress: (...at) => progress.push(at) });
      const { submits, uploads, bindGroups } = gpu().counters;
      return {
        submits: submits - before.submits,
        uploads: uploads - before.uploads,
        bindGroups: bindGroups - before.bindGroups,
        progress,
      };
    };
    const [whole, parts] = [await cost(10), await cost(3)];
    expect(parts.submits - whole.submits).toBe(3);
    expect(parts.uploads - whole.uploads).toBe(6);
    expect(parts.bindGroups).toBe(whole.bindGroups);
    expect(parts.progress).toEqual([0, 3, 6, 9, 10].map((done) => [done, records]));
  });

  it('cost no new bind group or pipeline when one recorded plan predicts any number of them again', async () => {
    using model = await ResidualBind.create(gpu(), sizes);
    const expected = await model.predict({ codes });
    const of = (e: number, count: number) => expected.slice(e * records, e * records + count);
    using predictor = await SequencePredictor.create(gpu(), model, { batch: 3, most: 4 });
    const { bindGroups } = gpu().counters;
    const compiled = gpu().pipelines.compilations.length;
    for (const count of [records, 1, 4, 7, records]) {
      const progress: (readonly number[])[] = [];
      const predicted = await predictor.predict(
        { codes: codes.subarray(0, count * sizes.length) },
        { onProgress: (...at) => progress.push(at) },
      );
      expect(predicted, `${count} records`).toEqual(Float32Array.from([...of(0, count), ...of(1, count)]));
      expect(progress.at(-1)).toEqual([count, count]);
    }
    expect(gpu().counters.bindGroups).toBe(bindGroups);
    expect(gpu().pipelines.compilations.length).toBe(compiled);
    await expect(predictor.predict({ codes: spoilt(9 * sizes.length, 5) })).rejects.toThrow(
      'record 10: code 5',
    );
  });

  it('follow the weights: a predictor has those of the moment', async () => {
    using model = await ResidualBind.create(gpu(), { ...sizes, models: 1, seed: 3 });
    using other = await ResidualBind.create(gpu(), { ...sizes, models: 1, seed: 4 });
    using predictor = await SequencePredictor.create(gpu(), model);
    const before = await predictor.predict({ codes });
    await model.load([await other.weights()]);
    const after = await predictor.predict({ codes });
    expect(after).not.toEqual(before);
    expect(after).toEqual(await other.predict({ codes }));
  });

  it('are cancelled, and name the record over several rounds', async () => {
    using model = await ResidualBind.create(gpu(), sizes);
    using predictor = await SequencePredictor.create(gpu(), model, { batch: 2, most: 4 });
    await expect(predictor.predict({ codes }, { signal: AbortSignal.abort() })).rejects.toThrow(
      CancelledError,
    );
    await model.parameters.get('out.b').write(Float32Array.of(0, Number.NaN));
    await expect(predictor.predict({ codes })).rejects.toThrow('the prediction of record 1 is NaN');
  });
});

describe('predictions of a data set', () => {
  it('say how far they are, and stay on the GPU', async () => {
    using model = await ResidualBind.create(gpu(), sizes);
    using dataset = Dataset.upload(gpu(), model.architecture, { codes });
    using predictor = await Predictor.create(gpu(), model, dataset, { batch: 3 });
    const progress: (readonly number[])[] = [];
    const predicted = await predictor.run({ onProgress: (...at) => progress.push(at) });
    expect(progress).toEqual([0, 3, 6, 9, 10].map((done) => [done, records]));
    expect(await predicted.readFloats()).toEqual(await model.predict({ codes }));
    await expect(predictor.run({ signal: AbortSignal.abort() })).rejects.toThrow(CancelledError);
  });
});
