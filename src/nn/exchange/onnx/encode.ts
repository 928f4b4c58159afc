/**
 * A network as an ONNX file: one or a few nodes for each layer, nothing folded or fused. Every runtime of
 * ONNX gives the predictions of this program.
 */

import { type Architecture, lossKindOf, outputsOf, placedLayers } from '../../architecture.js';
import type { ModelFacts } from '../../files/model-facts.js';
import type { PlacedLayer } from '../../layers.js';
import type { Weights } from '../../weights.js';
import { OUR_EPSILON } from '../foreign-model.js';
import { reversed } from '../layouts.js';
import { OWN_KEY, ownText } from '../own-network.js';
import { type Attributes, field, message, metadata, node, repeated, tensor, value } from './messages.js';

/** Versions of the format and of the operators that are used. */
const [IR_VERSION, OPERATORS] = [8, 13] as const;

/** Nodes and constants of a graph while it is written; each node has one output. */
class Graph {
  readonly nodes: Uint8Array[] = [];
  readonly constants: Uint8Array[] = [];
  /** Whether values are [n, units] by now. */
  isFlat = false;

  constructor(readonly weights: Weights) {}

  node(
    kind: string,
    inputs: readonly string[],
    attributes: Attributes = {},
    output = `${kind}${this.nodes.length}`,
  ): string {
    this.nodes.push(node(kind, inputs, output, attributes));
    return output;
  }

  /** A weight by its name; undefined where the layer has none, such as a bias. */
  weight(name: string): string | undefined {
    const found = this.weights[name];
    if (!found) return undefined;
    // ONNX has kernels as [outputs, inputs, taps].
    const { shape, data } = found.shape.length === 3 ? reversed(found.shape, found.data) : found;
    this.constants.push(tensor(name, shape, data));
    return name;
  }

  /** A weight and, where there is one, a bias. */
  product(name: string): string[] {
    return [this.weight(`${name}.w`), this.weight(`${name}.b`)].filter((each) => each !== undefined);
  }
}

/**
 * The bytes of a model `x` → `y`. x is one-hot [n, length, channels], its first channels A, C, G and U; y
 * [n, outputs] are what `predict` gives, so probabilities for classification.
 */
export function encodeOnnx({
  architecture,
  weights,
  facts = {},
}: {
  readonly architecture: Architecture;
  readonly weights: Weights;
  readonly facts?: ModelFacts;
}): Uint8Array {
  const graph = new Graph(weights);
  const after: string[] = [];
  // Between input and output, values are [n, channels, positions], or [n, units] after a dense layer.
  let x = graph.node('Transpose', ['x'], { perm: [0, 2, 1] });
  for (const placed of placedLayers(architecture)) {
    x = withLayer(graph, placed, x, after);
    after.push(x);
  }
  graph.node(lossKindOf(architecture) === 'classification' ? 'Sigmoid' : 'Identity', [x], {}, 'y');
  const { length, channels } = architecture;
  const written = message(
    repeated(1, graph.nodes),
    field(2, 'residualbind'),
    repeated(5, graph.constants),
    field(11, value('x', ['n', length, channels])),
    field(12, value('y', ['n', outputsOf(architecture)])),
  );
  return message(
    field(1, IR_VERSION),
    field(2, 'residualbind-webgpu'),
    field(7, written),
    field(8, message(field(1, ''), field(2, OPERATORS))),
    field(14, metadata(OWN_KEY, ownText(architecture, facts))),
  );
}

/** @param after outputs of the earlier layers */
function withLayer(graph: Graph, { layer, name }: PlacedLayer, x: string, after: readonly string[]): string {
  switch (layer.kind) {
    case 'convolution': {
      const pad = (layer.dilation * (layer.taps - 1)) / 2;
      return graph.node('Conv', [x, ...graph.product(name)], {
        kernel_shape: [layer.taps],
        dilations: [layer.dilation],
        pads: [pad, pad],
      });
    }
    case 'batch-norm': {
      const parts = ['gamma', 'beta', 'mean', 'var'].map((part) => graph.weight(`${name}.${part}`)!);
      return graph.node('BatchNormalization', [x, ...parts], { epsilon: OUR_EPSILON });
    }
    case 'relu':
      return graph.node('Relu', [x]);
    case 'exponential':
      return graph.node('Exp', [x]);
    case 'dropout':
      return x;
    case 'skip':
      return graph.node('Add', [x, after[layer.from]!]);
    case 'pool':
      return graph.node(layer.by === 'mean' ? 'AveragePool' : 'MaxPool', [x], {
        kernel_shape: [layer.size],
        strides: [layer.stride],
      });
    case 'dense':
    case 'head': {
      // The weights' rows are position by position.
      const rows = graph.isFlat
        ? x
        : graph.node('Flatten', [graph.node('Transpose', [x], { perm: [0, 2, 1] })], { axis: 1 });
      graph.isFlat = true;
      return graph.node('Gemm', [rows, ...graph.product(name)]);
    }
  }
}
