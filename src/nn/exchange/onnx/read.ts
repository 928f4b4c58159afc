/**
 * ONNX files as foreign models: those that this program wrote, and other networks of the same kinds of
 * layers.
 */

import * as check from '../../../device/check.js';
import { FormatError } from '../../../device/errors.js';
import { checkArchitecture } from '../../architecture.js';
import type { ForeignModel } from '../foreign-model.js';
import { OWN_KEY, ownNetwork } from '../own-network.js';
import { decodeOnnx } from './decode.js';
import { layersOf } from './layers-of.js';

/**
 * @param path its file, for messages
 * @param length input positions where the file leaves them free. Default 41
 * @throws FormatError naming the file and the node
 */
export function readOnnx(bytes: Uint8Array, path: string, length = 41): ForeignModel {
  const fail = (reason: string): never => {
    throw new FormatError(`${path}: not an ONNX file of a network like those here: ${reason}`);
  };
  const graph = decodeOnnx(bytes, fail);
  const found = layersOf(graph, length, fail);
  const { weights, flatten, loss } = found;
  const own = graph.metadata.get(OWN_KEY);
  const network = { length: found.length, channels: found.channels, alphabet: 'rna', layers: found.layers };
  return {
    path,
    program: 'onnx',
    layers: weights,
    epsilon: 1e-5,
    flatten,
    loss,
    ...(own === undefined
      ? { architecture: checkArchitecture(network, check.fieldOf(path, 'network')) }
      : ownNetwork(own, path)),
    notes: [],
  };
}
