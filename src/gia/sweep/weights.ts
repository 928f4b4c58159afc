/** A model's weights as the shared sweep multiplies with them: batch normalisation folded in, taps evaluated. */

import { Owned } from '../../device/owned.js';
import { codeTables, tablesShape } from '../../kernels/matrix/conv-codes.js';
import { evaluateTaps, pointsOf, TAPS } from '../../kernels/sweep/filtering.js';
import { asMatrices } from '../../kernels/sweep/fused-sweep-matrix.js';
import { fold } from '../../tensor/fused.js';
import { cast } from '../../tensor/reductions.js';
import { Tensor } from '../../tensor/tensor.js';
import { concatenated } from '../arrays.js';
import type { LayeredModel } from '../model.js';
import type { SweepPlan } from './plan.js';
import { sizesOf } from './sizes.js';

export interface ConvolutionWeights {
  /** [E, inputs, taps * outputs]: one product gives all taps. */
  readonly taps: Tensor;
  /** [E * points, inputs, outputs] for blocks of several columns. */
  readonly points?: Tensor;
  /** [E, outputs] */
  readonly bias: Tensor;
}

export interface SweepWeights extends Disposable {
  /** Of the first convolution, bias included (code_tables.wgsl). */
  readonly tables: Tensor;
  readonly entryBias: Tensor;
  readonly convolutions: readonly ConvolutionWeights[];
  /** [E * parts, filters, hidden]: the dense layer's rows of every shared part's window. */
  readonly parts: Tensor | undefined;
  /** [E, windows * filters, hidden]: its rows of the windows computed per pattern. */
  readonly windows: Tensor | undefined;
  readonly denseBias: Tensor;
  /** The kernels on the host, for those that keep them in another order. */
  readonly host: {
    /** Of every convolution, [E, taps, inputs, outputs]. */
    readonly convolutions: readonly Float32Array[];
    /** Of the windows computed per pattern, [E, windows * filters, hidden]. */
    readonly windows: Float32Array;
  };
}

export async function sweepWeights(
  model: LayeredModel,
  { convolutions, pool }: SweepPlan,
): Promise<SweepWeights> {
  const { gpu, models, architecture, parameters, statistics } = model;
  const { filters, hidden, taps } = sizesOf(architecture);
  using passing = new Owned();
  const held: Tensor[] = [];
  const keep = (tensor: Tensor): Tensor => {
    held.push(tensor);
    return tensor;
  };
  const dispose = (): void => {
    for (const tensor of held) tensor.dispose();
  };
  const folded = (name: string, i: number) => {
    const { w, bias } = fold(
      parameters.get(name),
      parameters.get(`bn${i}.affine`),
      statistics.get(`bn${i}.moments`),
    );
    return { w: passing.own(w), bias: keep(bias) };
  };
  try {
    const entry = folded('conv0.w', 0);
    const tables = keep(Tensor.empty(gpu, tablesShape(models, taps, filters)));
    codeTables(gpu, { w: entry.w, bias: entry.bias, tables }, { models, taps, outputs: filters });

    const layers = convolutions.map((_, i) => folded(`conv${i + 1}.w`, i + 1));
    const dense = folded('dense.w', convolutions.length + 1);
    const values = await Promise.all([...layers, dense].map(({ w }) => w.readFloats()));
    const made: ConvolutionWeights[] = [];
    for (const [i, { blocks }] of convolutions.entries()) {
      const { bias } = layers[i]!;
      const each = modelsOf(values[i]!, models);
      const together = each.map((of) => tapsTogether(of, filters));
      const points = blocks && blocks.size > 1 ? each.map((of) => evaluateTaps(of, blocks.size)) : undefined;
      made.push({
        taps: keep(Tensor.from(gpu, concatenated(together), [models, filters, TAPS * filters])),
        ...(points && {
          points: keep(
            Tensor.from(gpu, concatenated(points), [models * pointsOf(blocks!.size), filters, filters]),
          ),
        }),
        bias,
      });
    }

    const rows = values.at(-1)!;
    const window = filters * hidden;
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
              [models * pool.parts.length, filters, hidden],
            ),
          )
        : undefined;
    const ownWindows = concatenated(slices([first * window], count * window));
    const windows =
      count > 0 ? keep(Tensor.from(gpu, ownWindows, [models, count * filters, hidden])) : undefined;
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

/** The same with what shared vectors are multiplied by as matrices of f16; `own` takes the copies. */
export async function byMatrices(
  weights: SweepWeights,
  { gpu, models, architecture }: LayeredModel,
  own: (tensor: Tensor) => Tensor,
): Promise<SweepWeights> {
  const { filters, hidden } = sizesOf(architecture);
  const matrices = (values: Float32Array, outputs: number): Tensor => {
    const count = values.length / (filters * outputs);
    const single = asMatrices(values, 1, filters, outputs);
    return own(cast(own(Tensor.from(gpu, single, [count, filters, outputs])), 'f16'));
  };
  const parts = await weights.parts?.readFloats();
  return {
    ...weights,
    convolutions: weights.convolutions.map((convolution, i) => {
      const together = modelsOf(weights.host.convolutions[i]!, models).map((of) => tapsTogether(of, filters));
      return { ...convolution, taps: matrices(concatenated(together), TAPS * filters) };
    }),
    parts: parts && matrices(parts, hidden),
  };
}

/** Every model's part of some values. */
export function modelsOf(values: Float32Array, models: number): Float32Array[] {
  const size = values.length / models;
  return Array.from({ length: models }, (_, e) => values.subarray(e * size, (e + 1) * size));
}

/** A kernel [taps, inputs, outputs] as [inputs, taps, outputs]. */
function tapsTogether(w: Float32Array, filters: number): Float32Array {
  const result = new Float32Array(w.length);
  for (let tap = 0; tap < TAPS; tap++) {
    for (let input = 0; input < filters; input++) {
      const from = (tap * filters + input) * filters;
      result.set(w.subarray(from, from + filters), (input * TAPS + tap) * filters);
    }
  }
  return result;
}
