/**
 * A model's weights in the form that the shared sweep multiplies with: batch normalisation folded in, taps
 * evaluated.
 */

import { Owned } from '../../device/owned.js';
import { codeTables, tablesShape } from '../../kernels/matrix/conv-codes.js';
import { evaluateTaps } from '../../kernels/sweep/filtering.js';
import { asMatrices } from '../../kernels/sweep/fused-sweep-matrix.js';
import { fold, unfolded } from '../../tensor/fused.js';
import { cast } from '../../tensor/reductions.js';
import { Tensor } from '../../tensor/tensor.js';
import { concatenated } from '../arrays.js';
import type { LayeredModel } from '../model.js';
import type { SweepPlan } from './plan.js';
import { lastOf, type SharedProduct } from './shareable.js';
import type { ConvolutionStage } from './stages.js';

export interface ConvolutionWeights {
  /** [E, inputs, taps * outputs]: one product gives the results of all taps. */
  readonly taps: Tensor;
  /** [E * points, inputs, outputs] for blocks of several columns. */
  readonly points?: Tensor;
  /** [E, outputs] */
  readonly bias: Tensor;
}

export interface SweepWeights extends Disposable {
  /** Tables of the first convolution, including the bias (code_tables.wgsl). */
  readonly tables: Tensor;
  readonly entryBias: Tensor;
  readonly convolutions: readonly ConvolutionWeights[];
  /** [E * parts, channels, units]: rows of the dense layer for the window of each shared part. */
  readonly parts: Tensor | undefined;
  /** [E, windows * channels, units]: rows of the dense layer for windows that are computed per pattern. */
  readonly windows: Tensor | undefined;
  readonly denseBias: Tensor;
  /** The kernels on the host, for chunks that need another order. */
  readonly host: {
    /** Of each convolution, [E, taps, inputs, outputs]. */
    readonly convolutions: readonly Float32Array[];
    /** Of the windows computed per pattern, [E, windows * channels, units]. */
    readonly windows: Float32Array;
  };
}

export async function sweepWeights(
  model: LayeredModel,
  { network, convolutions, pool }: SweepPlan,
): Promise<SweepWeights> {
  const { gpu, models, parameters, statistics } = model;
  const { units } = network.dense;
  using passing = new Owned();
  const held: Tensor[] = [];
  const keep = (tensor: Tensor): Tensor => {
    held.push(tensor);
    return tensor;
  };
  const dispose = (): void => {
    for (const tensor of held) tensor.dispose();
  };
  const folded = ({ name, norm }: SharedProduct) => {
    const kernel = parameters.get(`${name}.w`);
    const { w, bias } = norm
      ? fold(kernel, parameters.get(`${norm}.affine`), statistics.get(`${norm}.moments`))
      : unfolded(kernel, parameters.get(`${name}.b`));
    return { w: passing.own(w), bias: keep(bias) };
  };
  try {
    const { taps, outputs } = network.first;
    const entry = folded(network.first);
    const tables = keep(Tensor.empty(gpu, tablesShape(models, taps, outputs)));
    codeTables(gpu, { w: entry.w, bias: entry.bias, tables }, { models, taps, outputs });

    const layers = network.convolutions.map(folded);
    const dense = folded(network.dense);
    const values = await Promise.all([...layers, dense].map(({ w }) => w.readFloats()));
    const made: ConvolutionWeights[] = [];
    for (const [i, { blocks, inputs, channels, taps }] of convolutions.entries()) {
      const { bias } = layers[i]!;
      const each = modelsOf(values[i]!, models);
      const together = each.map((of) => tapsTogether(of, { inputs, channels, taps }));
      const points = blocks && blocks.size > 1 ? each.map((of) => evaluateTaps(of, blocks.size)) : undefined;
      made.push({
        taps: keep(Tensor.from(gpu, concatenated(together), [models, inputs, taps * channels])),
        ...(points && {
          points: keep(Tensor.from(gpu, concatenated(points), [models * blocks!.points, inputs, channels])),
        }),
        bias,
      });
    }

    const rows = values.at(-1)!;
    const { outputs: channels } = lastOf(network);
    const window = channels * units;
    const pitch = rows.length / models;
    const { first, count } = pool.windows;
    const slices = (starts: readonly number[], length: number): Float32Array[] =>
      Array.from({ length: models }, (_, e) =>
        starts.map((start) => rows.subarray(e * pitch + start, e * pitch + start + length)),
      ).flat();
    const parts =
      pool.parts.length > 0
        ? keep(
            Tensor.from(
              gpu,
              concatenated(
                slices(
                  pool.parts.map((part) => part * window),
                  window,
                ),
              ),
              [models * pool.parts.length, channels, units],
            ),
          )
        : undefined;
    const ownWindows = concatenated(slices([first * window], count * window));
    const windows =
      count > 0 ? keep(Tensor.from(gpu, ownWindows, [models, count * channels, units])) : undefined;
    return {
      tables,
      entryBias: entry.bias,
      convolutions: made,
      parts,
      windows,
      denseBias: dense.bias,
      host: { convolutions: values.slice(0, -1), windows: ownWindows },
      [Symbol.dispose]: dispose,
    };
  } catch (error) {
    dispose();
    throw error;
  }
}

/**
 * The same, with the weights for shared vectors as matrices of f16 (ResidualBind only). `own` collects the
 * copies.
 */
export async function byMatrices(
  weights: SweepWeights,
  { gpu, models }: LayeredModel,
  { first: { channels }, convolutions, network }: SweepPlan,
  own: (tensor: Tensor) => Tensor,
): Promise<SweepWeights> {
  const matrices = (values: Float32Array, outputs: number): Tensor => {
    const count = values.length / (channels * outputs);
    const single = asMatrices(values, 1, channels, outputs);
    return own(cast(own(Tensor.from(gpu, single, [count, channels, outputs])), 'f16'));
  };
  const parts = await weights.parts?.readFloats();
  return {
    ...weights,
    convolutions: weights.convolutions.map((convolution, i) => {
      const stage = convolutions[i]!;
      const together = modelsOf(weights.host.convolutions[i]!, models).map((of) => tapsTogether(of, stage));
      return { ...convolution, taps: matrices(concatenated(together), stage.taps * channels) };
    }),
    parts: parts && matrices(parts, network.dense.units),
  };
}

/** The part of the values that belongs to each model. */
export function modelsOf(values: Float32Array, models: number): Float32Array[] {
  const size = values.length / models;
  return Array.from({ length: models }, (_, e) => values.subarray(e * size, (e + 1) * size));
}

/** Transposes a kernel [taps, inputs, outputs] to [inputs, taps, outputs]. */
function tapsTogether(
  w: Float32Array,
  { inputs, channels, taps }: Pick<ConvolutionStage, 'inputs' | 'channels' | 'taps'>,
): Float32Array {
  const result = new Float32Array(w.length);
  for (let tap = 0; tap < taps; tap++) {
    for (let input = 0; input < inputs; input++) {
      const from = (tap * inputs + input) * channels;
      result.set(w.subarray(from, from + channels), (input * taps + tap) * channels);
    }
  }
  return result;
}
