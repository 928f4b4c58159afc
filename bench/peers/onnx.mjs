/** The evaluation network as an ONNX file, from folded weights. */
import { createRequire } from 'node:module';
import { folded, outputMajor } from '../network.mjs';

const { onnx } = createRequire(import.meta.url)('onnx-proto');

const FLOAT = 1;
const { AttributeType } = onnx.AttributeProto;
const integers = (name, ints) => ({ name, type: AttributeType.INTS, ints });
const integer = (name, i) => ({ name, type: AttributeType.INT, i });

/** @returns bytes of a model `x` [B, length, channels] -> `y` [B, 1] */
export function onnxModel(weights, architecture) {
  const { length, channels, dilations, pool } = architecture;
  const w = folded(weights, architecture);
  const nodes = [];
  const initialisers = [];
  const constant = (name, { shape, data }) => {
    const rawData = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    initialisers.push({ name, dims: shape, dataType: FLOAT, rawData });
    return name;
  };
  const node = (opType, input, attribute = []) => {
    const name = `${opType}${nodes.length}`;
    nodes.push({ opType, input, output: [name], name, attribute });
    return name;
  };
  const convolution = (x, i, dilation) => {
    const kernel = outputMajor(w[`conv${i}.w`]);
    const taps = kernel.shape[2];
    const pad = (dilation * (taps - 1)) / 2;
    return node(
      'Conv',
      [x, constant(`conv${i}.w`, kernel), constant(`conv${i}.b`, w[`conv${i}.b`])],
      [
        integers('kernel_shape', [taps]),
        integers('dilations', [dilation]),
        integers('pads', [pad, pad]),
        integers('strides', [1]),
      ],
    );
  };
  const dense = (x, name) =>
    node('Gemm', [x, constant(`${name}.w`, w[`${name}.w`]), constant(`${name}.b`, w[`${name}.b`])]);

  const entry = node('Relu', [convolution(node('Transpose', ['x'], [integers('perm', [0, 2, 1])]), 0, 1)]);
  let h = entry;
  dilations.forEach((dilation, i) => {
    h = convolution(h, i + 1, dilation);
    if (i + 1 < dilations.length) h = node('Relu', [h]);
  });
  h = node('Relu', [node('Add', [h, entry])]);
  h = node('AveragePool', [h], [integers('kernel_shape', [pool]), integers('strides', [pool])]);
  h = node('Flatten', [node('Transpose', [h], [integers('perm', [0, 2, 1])])], [integer('axis', 1)]);
  h = dense(node('Relu', [dense(h, 'dense')]), 'out');
  nodes.push({ opType: 'Identity', input: [h], output: ['y'], name: 'y' });

  const value = (name, dims) => ({
    name,
    type: {
      tensorType: {
        elemType: FLOAT,
        shape: { dim: dims.map((d) => (typeof d === 'string' ? { dimParam: d } : { dimValue: d })) },
      },
    },
  });
  const model = onnx.ModelProto.fromObject({
    irVersion: 8,
    opsetImport: [{ domain: '', version: 17 }],
    graph: {
      name: 'residualbind',
      node: nodes,
      initializer: initialisers,
      input: [value('x', ['B', length, channels])],
      output: [value('y', ['B', 1])],
    },
  });
  return onnx.ModelProto.encode(model).finish();
}
