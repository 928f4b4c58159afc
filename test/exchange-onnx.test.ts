/** ONNX files of other programs: graphs as PyTorch and others write them, against onnxruntime. */

// @ts-expect-error: it has no types
import ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { FormatError, NotFiniteError, nn } from '../src/index.js';
import {
  type Attributes,
  field,
  message,
  node,
  repeated,
  tensor,
  value,
} from '../src/nn/exchange/onnx/messages.js';
import { uniform } from './support/random-networks.js';
import { denseInput, forwardDense, toNumbers } from './support/reference-network.js';

const [LENGTH, FILTERS, UNITS] = [20, 4, 3];

/** A node, and its constants by name. */
type Step = readonly [kind: string, inputs: readonly string[], output: string, attributes?: Attributes];

/** Constants of the graphs, as they are stored. */
const SHAPES = {
  k: [FILTERS, 4, 5],
  kb: [FILTERS],
  k2: [FILTERS, FILTERS, 3],
  gamma: [FILTERS],
  beta: [FILTERS],
  mean: [FILTERS],
  var: [FILTERS],
  wt: [UNITS, FILTERS * 4],
  w: [FILTERS * 4, UNITS],
  wb: [UNITS],
  deep: [FILTERS, UNITS],
  out: [UNITS, 2],
  outb: [2],
} as const;
const draw = uniform(3);
const CONSTANTS = Object.fromEntries(
  Object.entries(SHAPES).map(([name, shape]) => {
    const size = shape.reduce((product, n) => product * n, 1);
    return [name, Float32Array.from({ length: size }, () => draw() - (name === 'var' ? -0.2 : 0.5))];
  }),
);

const input = (channelsFirst: boolean) => value('x', channelsFirst ? ['n', 4, LENGTH] : ['n', LENGTH, 4]);

/** A tensor of whole numbers. */
const wholes = (name: string, given: readonly number[]): Uint8Array =>
  message(
    field(1, given.length),
    field(2, 7),
    field(8, name),
    field(9, new Uint8Array(BigInt64Array.from(given, BigInt).buffer)),
  );

function file(steps: readonly Step[], { channelsFirst = true, constants = CONSTANTS } = {}): Uint8Array {
  const used = new Set(steps.flatMap(([, inputs]) => inputs));
  const graph = message(
    repeated(
      1,
      steps.map(([kind, inputs, output, attributes = {}]) => node(kind, inputs, output, attributes)),
    ),
    field(2, 'graph'),
    repeated(
      5,
      Object.entries(constants)
        .filter(([name]) => used.has(name))
        .map(([name, data]) => tensor(name, SHAPES[name as keyof typeof SHAPES], data))
        .concat(
          [wholes('none', [0, 0, 0, 0, 0, 0]), wholes('flat', [0, -1])].filter((_, i) =>
            used.has(['none', 'flat'][i]!),
          ),
        ),
    ),
    field(11, input(channelsFirst)),
    field(12, value('y', ['n', 2])),
  );
  return message(field(1, 8), field(7, graph), field(8, message(field(1, ''), field(2, 13))));
}

const SAME = { kernel_shape: [5], pads: [2, 2] };
const convolution: Step = ['Conv', ['x', 'k', 'kb'], 'c', SAME];
const pool: Step = ['AveragePool', ['p'], 'a', { kernel_shape: [5], strides: [5] }];
const ending = (from: string): Step[] => [
  ['Relu', [from], 'r9'],
  ['MatMul', ['r9', 'out'], 'm'],
  ['Add', ['outb', 'm'], 'y'],
];

const GRAPHS: Record<string, { steps: Step[]; channelsFirst?: boolean }> = {
  'as PyTorch writes them: a folded norm, a skip, a padding of nothing, turned weights': {
    steps: [
      convolution,
      ['Relu', ['c'], 'r'],
      ['Conv', ['r', 'k2'], 'd', { kernel_shape: [3], dilations: [3], pads: [3, 3] }],
      ['Add', ['d', 'r'], 's'],
      ['Pad', ['s', 'none'], 'p'],
      pool,
      ['Flatten', ['a'], 'f'],
      ['Gemm', ['f', 'wt', 'wb'], 'g', { transB: 1 }],
      ...ending('g'),
    ],
  },
  'a transposed weight, a norm of its own epsilon': {
    steps: [
      convolution,
      ['BatchNormalization', ['c', 'gamma', 'beta', 'mean', 'var'], 'b', { epsilon: 0.25 }],
      ['Exp', ['b'], 'p'],
      pool,
      ['Reshape', ['a', 'flat'], 'f'],
      ['Transpose', ['wt'], 'turned', { perm: [1, 0] }],
      ['MatMul', ['f', 'turned'], 'g'],
      ...ending('g'),
    ],
  },
  'channels last, a maximum over all positions, a sigmoid': {
    channelsFirst: false,
    steps: [
      ['Transpose', ['x'], 't', { perm: [0, 2, 1] }],
      ['Conv', ['t', 'k', 'kb'], 'c', SAME],
      ['GlobalMaxPool', ['c'], 'a'],
      ['Flatten', ['a'], 'f'],
      ['Gemm', ['f', 'deep', 'wb'], 'g'],
      ['Relu', ['g'], 'r9'],
      ['Gemm', ['r9', 'out', 'outb'], 'm'],
      ['Sigmoid', ['m'], 'y'],
    ],
  },
  'flattened position by position': {
    steps: [
      convolution,
      ['Identity', ['c'], 'p'],
      pool,
      ['Transpose', ['a'], 't', { perm: [0, 2, 1] }],
      ['Flatten', ['t'], 'f'],
      ['Gemm', ['f', 'w', 'wb'], 'g'],
      ...ending('g'),
    ],
  },
};

describe('a graph', () => {
  it.each(Object.entries(GRAPHS))('%s', async (_, { steps, channelsFirst = true }) => {
    const bytes = file(steps, { channelsFirst });
    const { architecture: network, weights } = nn.importOnnx(bytes, 'x');
    expect(network).toMatchObject({ length: LENGTH, channels: 4, alphabet: 'rna' });
    const count = 3;
    const codes = Uint8Array.from({ length: count * LENGTH }, (_, i) => (i * i * 7) % 5);
    const onehot = denseInput(network, { codes });
    const raw = forwardDense(network, toNumbers(weights), onehot, 'evaluation');
    const isClass = network.layers.some((layer) => layer.kind === 'head' && layer.loss === 'classification');
    const ours = isClass ? raw.map((x) => 1 / (1 + Math.exp(-x))) : raw;
    const turned = Float32Array.from(onehot, (_, i) => {
      const [record, channel, position] = [
        Math.floor(i / (4 * LENGTH)),
        Math.floor(i / LENGTH) % 4,
        i % LENGTH,
      ];
      return onehot[(record * LENGTH + position) * 4 + channel]!;
    });
    const session = await ort.InferenceSession.create(bytes);
    const x = channelsFirst
      ? new ort.Tensor('float32', turned, [count, 4, LENGTH])
      : new ort.Tensor('float32', Float32Array.from(onehot), [count, LENGTH, 4]);
    const { y } = await session.run({ x });
    expect(y.data.length).toBe(ours.length);
    ours.forEach((score, i) => {
      expect(Math.abs(y.data[i] - score)).toBeLessThan(1e-5);
    });
  });

  const graphOf = (...steps: Step[]): Uint8Array => file([convolution, ['Identity', ['c'], 'p'], ...steps]);
  const last: Step[] = [['Flatten', ['a'], 'f'], ['Gemm', ['f', 'w', 'wb'], 'g'], ...ending('g')];
  it.each<[string, Uint8Array, RegExp]>([
    [
      'an epsilon of nothing',
      file([
        convolution,
        ['BatchNormalization', ['c', 'gamma', 'beta', 'mean', 'var'], 'p', { epsilon: -1.5 }],
        pool,
        ...last,
      ]),
      /^x: mean has the epsilon -1\.5; it must be above 0 and at most 1/,
    ],
    [
      'another operation',
      graphOf(['Softmax', ['p'], 'a'], ...last),
      /the node a is a Softmax, which no layer here does/,
    ],
    [
      'a pool that pads',
      graphOf(['AveragePool', ['p'], 'a', { kernel_shape: [5], strides: [5], pads: [1, 1] }], ...last),
      /the node a \(AveragePool\) pools padded/,
    ],
    [
      'a convolution that shortens',
      file([['Conv', ['x', 'k'], 'p', { kernel_shape: [5] }], pool, ...last]),
      /the node p \(Conv\) is not a convolution/,
    ],
    ['a branch', graphOf(pool, ['Relu', ['p'], 'b'], ...last), /the node b \(Relu\) begins a branch/],
    [
      'weights of another shape',
      graphOf(pool, ['Flatten', ['a'], 'f'], ['Gemm', ['f', 'deep', 'wb'], 'g'], ...ending('g')),
      /^x: deep has the shape \[4, 3\], but dense\.w of the network is \[16, 3\]/,
    ],
    ['no output', file([convolution]), /its output "y" is not the last value/],
    [
      'no convolution',
      file([['Flatten', ['x'], 'f'], ['Gemm', ['f', 'w', 'wb'], 'g'], ...ending('g')]),
      /the node f \(Flatten\) changes the input/,
    ],
    ['half a file', file([convolution]).slice(0, 100), /it ends within/],
  ])('is refused: %s', (_, bytes, message) => {
    expect(() => nn.importOnnx(bytes, 'x')).toThrow(message);
    expect(() => nn.importOnnx(bytes, 'x')).toThrow(FormatError);
  });

  it('is refused where a number is not finite', () => {
    const k = CONSTANTS.k!.with(7, Number.NaN);
    const steps = GRAPHS['flattened position by position']!.steps;
    const bytes = file(steps, { constants: { ...CONSTANTS, k } });
    expect(() => nn.importOnnx(bytes, 'x')).toThrow(NotFiniteError);
    expect(() => nn.importOnnx(bytes, 'x')).toThrow(/^x: k holds NaN/);
  });
});
