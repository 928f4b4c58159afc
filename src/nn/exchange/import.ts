/**
 * Models of PyTorch and ONNX from bytes, on any host; `convert.node.ts` reads files, and HDF5.
 */

import * as check from '../../device/check.js';
import { type Architecture, checkArchitecture } from '../architecture.js';
import type { ModelFacts } from '../files/model-facts.js';
import type { Weights } from '../weights.js';
import type { ForeignModel } from './foreign-model.js';
import { checkNameMap } from './name-map.js';
import { type NetworkChoice, networkOf } from './network-of.js';
import { readOnnx } from './onnx/read.js';
import { readPytorch } from './pytorch.js';
import { weightsOf } from './weights-of.js';

/** A model as one of ours. `ResidualBind.fromWeights(gpu, weights, { architecture })` takes it. */
export interface ForeignAsOurs {
  readonly architecture: Architecture;
  readonly weights: Weights;
  readonly facts: ModelFacts;
  /** What was inferred, in sentences for people. */
  readonly notes: readonly string[];
}

/** What the bytes do not say. */
export interface BytesOptions extends NetworkChoice {
  /** Their layers or tensors by ours, such as `{ conv0: 'features.0' }` (docs/weights.md). */
  readonly map?: Readonly<Record<string, string | number>> | undefined;
}

/**
 * A foreign model as one of ours.
 *
 * @throws FormatError or NotFiniteError naming the file and the tensor
 */
export function asOurs(model: ForeignModel, choice: NetworkChoice = {}): ForeignAsOurs {
  const { architecture, preset, notes } = networkOf(model, choice);
  const { facts, left } = factsOf(model, architecture);
  return {
    architecture,
    weights: weightsOf(model, architecture),
    facts: {
      ...(preset !== undefined && { preset }),
      ...facts,
    },
    notes: [...notes, ...model.notes, ...left, ...unknownStructure(architecture, facts)],
  };
}

/** Facts of the file, which belong to the network that it describes and to no other. */
function factsOf(
  { path, facts, architecture }: ForeignModel,
  chosen: Architecture,
): { readonly facts: ModelFacts; readonly left: readonly string[] } {
  // In one order of fields, whoever made it.
  const text = (network: Architecture) =>
    JSON.stringify(checkArchitecture(network, check.fieldOf(path, 'network')));
  if (!facts || (architecture && text(architecture) === text(chosen)))
    return { facts: facts ?? {}, left: [] };
  return {
    facts: {},
    left: ['the file describes another network than the options; what it says of the training is left out'],
  };
}

/** A note where no file says which profiles a model with structure channels was trained on. */
const unknownStructure = ({ channels }: Architecture, { structure }: ModelFacts): readonly string[] =>
  channels === 4 || structure
    ? []
    : [
        'structure: the file does not say whether the profiles of the training were folded or read from files',
      ];

/**
 * A PyTorch state dict in the safetensors format as a model of ours.
 *
 * @param source where the bytes are from, for messages
 * @throws FormatError or NotFiniteError naming the source and the tensor
 */
export function importPytorch(
  bytes: Uint8Array,
  source: string,
  { map, ...choice }: BytesOptions = {},
): ForeignAsOurs {
  return asOurs(readPytorch(bytes, source, map && checkNameMap(map, 'map')), choice);
}

/**
 * An ONNX model as a model of ours: a chain of convolutions, batch normalisations, activations, pools and
 * dense layers, with sums of earlier values.
 *
 * @param source where the bytes are from, for messages
 * @throws FormatError or NotFiniteError naming the source and the node or tensor
 */
export const importOnnx = (bytes: Uint8Array, source: string, choice: NetworkChoice = {}): ForeignAsOurs =>
  asOurs(readOnnx(bytes, source, choice.length), choice);
