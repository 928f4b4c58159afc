/**
 * The paper preset at full size against PyTorch: predictions, gradients, three Adam steps. Skips without the
 * files.
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Dataset } from '../src/nn/dataset.js';
import { architecture } from '../src/nn/presets.js';
import { ResidualBind } from '../src/nn/residualbind.js';
import { TrainingStep } from '../src/nn/training/training-step.js';
import { useGpu } from './support/gpu.js';
import { expectClose } from './support/numbers.js';
import { referenceAbsent, referencePath } from './support/reference.js';

const FILE = 'golden/manifest.json';
const LENGTH = 41;
const LEARNING_RATE = 1e-3;
const gpu = useGpu();
const path = referencePath(FILE);

interface Manifest {
  readonly sequences: { readonly rows: Readonly<Record<'golden' | 'train', readonly [number, number]>> };
  readonly losses: readonly number[];
  readonly tensors: Readonly<
    Record<string, readonly { name: string; shape: readonly number[]; offset: number; length: number }[]>
  >;
}

type Tensors = Record<string, { shape: readonly number[]; data: Float32Array }>;

/** Every tensor of one of the files. */
function tensorsOf(folder: string, { tensors }: Manifest, file: string): Tensors {
  const floats = new Float32Array(new Uint8Array(readFileSync(join(folder, file))).buffer);
  return Object.fromEntries(
    tensors[file]!.map(({ name, shape, offset, length }) => [
      name,
      { shape, data: floats.subarray(offset, offset + length) },
    ]),
  );
}

describe.runIf(path)('PyTorch', () => {
  const folder = join(path ?? '', '..');
  const read = () => {
    const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as Manifest;
    const all = new Uint8Array(readFileSync(join(folder, 'sequences.u8.bin')));
    const rows = ([from, to]: readonly [number, number]) => ({
      codes: all.slice(from * LENGTH, to * LENGTH),
    });
    const of = (file: string) => tensorsOf(folder, manifest, file);
    const { golden, train } = manifest.sequences.rows;
    return { manifest, golden: rows(golden), train: rows(train), forward: of('forward.f32.bin'), of };
  };
  const load = (weights: Tensors) =>
    ResidualBind.fromWeights(gpu(), weights, { architecture: architecture('paper') });

  it('predicts the same', async () => {
    const { golden, forward, of } = read();
    using model = await load(of('weights.f32.bin'));
    expectClose(await model.predict(golden), forward['eval.outputs']!.data, 1e-5);
  });

  it('has the same gradients', async () => {
    const { train, forward, manifest, of } = read();
    using model = await load(of('weights.f32.bin'));
    const actual = await model.gradients(train, forward['train.targets']!.data);
    expectClose(actual.outputs, forward['train.outputs']!.data, 1e-5, 'outputs');
    expectClose(actual.loss, [manifest.losses[0]!], 1e-5, 'loss');
    const expected = of('grads.f32.bin');
    expect(Object.keys(actual.gradients).sort()).toEqual(Object.keys(expected).sort());
    for (const [name, { data }] of Object.entries(expected)) {
      expectClose(actual.gradients[name]!.data, data, 1e-4, `gradient of ${name}`);
    }
  });

  it('takes the same three steps with Adam', async () => {
    const { train, forward, manifest, of } = read();
    using model = await load(of('weights.f32.bin'));
    using data = Dataset.upload(gpu(), model.architecture, train, forward['train.targets']!.data);
    const options = { batch: 16, seed: 1, dropout: false, epsilonForm: 'torch' } as const;
    using step = await TrainingStep.record(model, data, options);
    for (const [t, expected] of manifest.losses.entries()) {
      step.run(0, t + 1, LEARNING_RATE);
      expectClose(await step.losses.readFloats(), [expected], 1e-5, `loss of step ${t + 1}`);
    }
    const weights = await model.weights();
    for (const [name, { data: expected }] of Object.entries(of('adam3.f32.bin'))) {
      // PyTorch moves its running variance by the unbiased one; the file holds the recursion of the biased
      // one as well.
      if (name.endsWith('.var')) continue;
      const actual = weights[name.replace('.biased', '')]!.data;
      const apart = expected.map((value, i) => Math.abs(actual[i]! - value));
      // Adam divides a gradient by its size: where one is near rounding error, so is what decides its step.
      // Hardware may divide and take roots 2.5 units of the last place off (an H100: 1.1e-4, software
      // adapters at most 4e-5).
      const most = gpu().adapter.class === 'hardware' ? 2e-4 : 1e-4;
      expect(
        apart.every((distance) => distance <= most),
        `${name} is ${Math.max(...apart)} apart`,
      ).toBe(true);
    }
  });
});

describe.runIf(!path)('PyTorch', () => {
  it('files are absent', ({ skip }) => skip(referenceAbsent(FILE)));
});
