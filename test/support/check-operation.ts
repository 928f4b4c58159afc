/**
 * The one check of a differentiable operation: its result against a float64 loop, its gradients against
 * central differences of that loop, for one model and for three. The scalar to differentiate is the mean
 * squared distance of the result from random goals, so that every element of the result has a gradient of its
 * own.
 */

import { describe, it } from 'vitest';
import type { Gpu } from '../../src/device/gpu.js';
import { loss, reshape } from '../../src/tensor/operations.js';
import { Tape } from '../../src/tensor/tape.js';
import { sizeOf, Tensor } from '../../src/tensor/tensor.js';
import { expectClose, normals, randomCodes } from './numbers.js';

export interface Input {
  /** Of one model. */
  readonly shape: readonly number[];
  /** One tensor [1, …] for all models. */
  readonly shared?: boolean;
  /** Base codes, 0-4, which have no gradient. */
  readonly codes?: boolean;
  /** False for an input that is not differentiated. */
  readonly differentiable?: boolean;
  /** Makes an element of a standard normal; must not depend on the model. */
  readonly map?: (normal: number, i: number) => number;
}

type Tensors<Name extends string> = Readonly<Record<Name, Tensor>>;
export type Arrays<Name extends string> = Readonly<Record<Name, Float64Array>>;

export interface OperationCheck<Case, Name extends string> {
  readonly cases: readonly Case[];
  readonly inputs: (size: Case) => Readonly<Record<Name, Input>>;
  readonly apply: (tensors: Tensors<Name>, size: Case) => Tensor;
  /** The result of model `e`, from float64 copies of its inputs. */
  readonly reference: (values: Arrays<Name>, size: Case, e: number) => ArrayLike<number>;
  /** Relative to the largest magnitude. Default 1e-5. */
  readonly tolerance?: number;
  /** Likewise for gradients. Default 1e-4. */
  readonly gradientTolerance?: number;
}

/**
 * Elements of an input whose gradient is checked; more are sampled evenly, the first and the last among them.
 */
const MOST_PROBES = 97;
const STEP = 1e-4;

/** Declares a test for each case with one model and with three. */
export function checkOperation<Case extends object, Name extends string>(
  name: string,
  gpu: () => Gpu,
  check: OperationCheck<Case, Name>,
): void {
  describe(name, () => {
    for (const size of check.cases) {
      for (const models of [1, 3]) {
        it(`${JSON.stringify(size)}, E = ${models}`, () => run(gpu(), check, size, models));
      }
    }
  });
}

async function run<Case, Name extends string>(
  gpu: Gpu,
  check: OperationCheck<Case, Name>,
  size: Case,
  models: number,
): Promise<void> {
  const { tolerance = 1e-5, gradientTolerance = 1e-4 } = check;
  const specs = check.inputs(size);
  const names = Object.keys(specs) as Name[];
  const data = Object.fromEntries(names.map((name, i) => [name, draw(specs[name], models, i)])) as Record<
    Name,
    Float32Array | Uint32Array
  >;
  const shapeOf = (name: Name) => [specs[name].shared ? 1 : models, ...specs[name].shape];
  const tensors = Object.fromEntries(
    names.map((name) => [name, Tensor.from(gpu, data[name], shapeOf(name))]),
  ) as Record<Name, Tensor>;

  const slices = (e: number) =>
    Object.fromEntries(
      names.map((name) => {
        const count = sizeOf(specs[name].shape);
        const start = specs[name].shared ? 0 : e * count;
        return [name, Float64Array.from(data[name].subarray(start, start + count))];
      }),
    ) as Record<Name, Float64Array>;
  const values = Array.from({ length: models }, (_, e) => slices(e));
  const expected = values.map((inputs, e) => Float64Array.from(check.reference(inputs, size, e)));
  const count = expected[0]!.length;
  const goalData = normals(models * count, 99);
  const distance = (inputs: Record<Name, Float64Array>, e: number): number => {
    const y = check.reference(inputs, size, e);
    let sum = 0;
    for (let i = 0; i < count; i++) sum += (y[i]! - goalData[e * count + i]!) ** 2;
    return sum / count;
  };

  const targets = names.filter((name) => !specs[name].codes && specs[name].differentiable !== false);
  {
    using goals = Tensor.from(gpu, goalData, [models, count]);
    using tape = new Tape();
    using y = tape.watch(() => check.apply(tensors, size));
    using flat = tape.watch(() => reshape(y, [models, count]));
    using value = tape.watch(() => loss('mean_squared_error', flat, goals));
    const gradients = tape.gradients(
      value,
      targets.map((name) => tensors[name]),
    );
    expectClose(
      await y.readFloats(),
      expected.flatMap((part) => [...part]),
      tolerance,
      'result',
    );
    for (const [i, name] of targets.entries()) {
      const actual = await gradients[i]!.readFloats();
      gradients[i]!.dispose();
      const { probes, slopes } = differences(name, specs[name], values, distance);
      expectClose(
        probes.map((at) => actual[at]!),
        slopes,
        gradientTolerance,
        `gradient of ${name} at [${probes}]`,
      );
    }
  }
  for (const name of names) tensors[name].dispose();
}

function draw(
  { shape, shared, codes, map }: Input,
  models: number,
  index: number,
): Float32Array | Uint32Array {
  const count = sizeOf(shape);
  const total = shared ? count : models * count;
  if (codes) return randomCodes(total, index);
  const drawn = normals(total, index);
  return map ? drawn.map((normal, i) => map(normal, i % count)) : drawn;
}

/** Central differences of the summed distances, at some elements of the input as it lies on the GPU. */
function differences<Name extends string>(
  name: Name,
  { shape, shared }: Input,
  values: readonly Record<Name, Float64Array>[],
  distance: (inputs: Record<Name, Float64Array>, e: number) => number,
): { probes: number[]; slopes: number[] } {
  const count = sizeOf(shape);
  const total = shared ? count : values.length * count;
  const some = Math.min(total, MOST_PROBES);
  const probes = Array.from({ length: some }, (_, i) =>
    some === 1 ? 0 : Math.round((i * (total - 1)) / (some - 1)),
  );
  const slopes = probes.map((at) => {
    const owners = shared ? values.map((_, e) => e) : [Math.floor(at / count)];
    return owners.reduce((sum, e) => {
      const part = values[e]![name];
      const before = part[at % count]!;
      part[at % count] = before + STEP;
      const above = distance(values[e]!, e);
      part[at % count] = before - STEP;
      const below = distance(values[e]!, e);
      part[at % count] = before;
      return sum + (above - below) / (2 * STEP);
    }, 0);
  });
  return { probes, slopes };
}
