/**
 * Whether a device's f16 matrices multiply right. Dawn withholds f16 from drivers that once failed
 * conformance tests, so a device that was asked for it all the same multiplies a known product before
 * anything else.
 */

import { Float16Array } from '@petamoriken/float16';
import { PrecisionError } from '../../device/errors.js';
import type { Gpu } from '../../device/gpu.js';
import { HALF_MATRIX } from '../../device/precision.js';
import { launch, type Operand } from '../launch.js';

/** The ways of `known_product.wgsl`, in its order. */
const WAYS = [
  { what: 'operands from storage', begun: false },
  { what: 'a right operand by tiles', begun: false },
  { what: 'operands from workgroup memory and sums that begin at given numbers', begun: true },
] as const;

/**
 * Whole numbers that f16 holds exactly, without symmetry, so that a transposed or permuted operand gives
 * another product; sums are odd and even up to 20,000, which f16 does not hold, so that sums in f16 show too.
 */
const left = (row: number, input: number): number => ((7 * row + 3 * input + row * input) % 61) - 30;
const right = (input: number, output: number): number =>
  ((5 * input + 11 * output + input * output) % 53) - 26;
const start = (row: number, output: number): number => 4099 + 131 * row - 37 * output;

/** A matrix from its elements, row by row. */
const filled = (rows: number, columns: number, element: (row: number, column: number) => number): number[] =>
  Array.from({ length: rows * columns }, (_, i) => element(Math.floor(i / columns), i % columns));

/** Input and output of b at a row and column of [2 outputs][2 inputs][side outputs][side inputs]. */
const inTiles = (row: number, column: number, side: number): [number, number] => {
  const tile = Math.floor(row / side);
  return [(tile % 2) * side + column, Math.floor(tile / 2) * side + (row % side)];
};

/** Two matrices along the inputs and two along the outputs: a wrong stride or offset shows. */
const sizesFor = (side: number) => ({ rows: side, inputs: 2 * side, outputs: 2 * side });

/**
 * Multiplies a known product on a device that lists the matrices.
 *
 * @param side their rows, inputs and outputs
 * @throws PrecisionError where the result is not exactly what it must be
 */
export async function checkKnownProduct(gpu: Gpu, side = HALF_MATRIX.M): Promise<void> {
  const { rows, inputs, outputs } = sizesFor(side);
  const held: Operand[] = [];
  const operand = (data: ArrayBufferView): Operand => {
    const allocation = gpu.pool.acquire(data.byteLength);
    const made = { range: { allocation, offset: 0, bytes: data.byteLength }, pitch: 0 };
    held.push(made);
    gpu.upload(allocation.buffer, 0, data);
    return made;
  };
  const halves = (values: readonly number[]) => operand(Float16Array.from(values));
  const singles = (values: readonly number[]) => operand(Float32Array.from(values));
  try {
    const operands = {
      a: halves(filled(rows, inputs, left)),
      b: halves(filled(inputs, outputs, right)),
      b_tiles: halves(filled(4 * side, side, (row, column) => right(...inTiles(row, column, side)))),
      c: singles(filled(rows, outputs, start)),
      y: singles(filled(WAYS.length * rows, outputs, () => Number.NaN)),
    };
    const { plan } = await gpu.record(() =>
      launch(gpu, 'known_product', {
        operands,
        params: {},
        workgroups: [1, 1, 1],
        tile: { SIDE: side, LANES: gpu.adapter.subgroupMaxSize! },
        flops: WAYS.length * 2 * rows * inputs * outputs,
      }),
    );
    plan.run();
    const { allocation, offset, bytes } = operands.y.range;
    const products = new Float32Array(await gpu.download(allocation.buffer, offset, bytes));
    const wrong = firstWrong(products, side);
    plan.dispose();
    if (wrong)
      throw new PrecisionError(
        `${gpu.adapter.name} multiplies matrices of f16 wrong (${wrong}); use f32, or another driver`,
      );
  } finally {
    for (const { range } of held) range.allocation.release();
  }
}

/** Where [ways][rows][outputs] is not what it must be; undefined where all is right. */
export function firstWrong(products: ArrayLike<number>, side: number): string | undefined {
  const { rows, inputs, outputs } = sizesFor(side);
  for (const [way, { what, begun }] of WAYS.entries()) {
    for (let row = 0; row < rows; row++) {
      for (let output = 0; output < outputs; output++) {
        let sum = begun ? start(row, output) : 0;
        for (let input = 0; input < inputs; input++) sum += left(row, input) * right(input, output);
        const found = products[(way * rows + row) * outputs + output];
        if (found !== sum) return `with ${what}: ${found} instead of ${sum} in row ${row}, output ${output}`;
      }
    }
  }
  return undefined;
}
