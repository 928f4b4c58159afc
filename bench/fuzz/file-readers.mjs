/**
 * Readers of binary files and of files in the user's folders: gzip, safetensors, models, checkpoints of
 * training and of sweeps, and the tuning cache. Bytes of valid files are damaged. If a damaged file is
 * accepted, it must mean the same as before.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { readText } from '../../dist/data/index.node.js';
import { SweepCheckpoint } from '../../dist/gia/files/checkpoint.node.js';
import { partsCodec, roundsCodec } from '../../dist/gia/files/codecs.js';
import { requestGpu } from '../../dist/index.js';
import { variantTable } from '../../dist/kernels/matrix/variants.js';
import { readTuned, tuningFile, writeTuned } from '../../dist/kernels/tuning/tuning-cache.node.js';
import { parameterSpecs, placedLayers } from '../../dist/nn/architecture.js';
import {
  CHECKPOINT_FILE,
  loadCheckpoint,
  loadModel,
  saveCheckpoint,
  saveModel,
} from '../../dist/nn/files/model-files.node.js';
import { readNetwork } from '../../dist/nn/files/network-file.node.js';
import { decodeSafetensors, encodeSafetensors } from '../../dist/nn/files/safetensors.js';
import { architecture } from '../../dist/nn/presets.js';
import { ResidualBind } from '../../dist/nn/residualbind.js';
import { fit } from '../../dist/nn/training/fit.js';
import { exchangeReaders } from './exchange-readers.mjs';
import { experimentReaders } from './experiment-readers.mjs';
import { bytesLike, jsonLike, texts } from './inputs.mjs';

/** All numbers and texts of a value, for arrays of any type. */
const meaning = (value) =>
  JSON.stringify(value, (_, part) =>
    ArrayBuffer.isView(part)
      ? Buffer.from(part.buffer, part.byteOffset, part.byteLength).toString('base64')
      : part,
  );

/**
 * A safetensors file with odd values in its header or in the JSON of its metadata. The data do not change.
 */
function headersLike(bytes) {
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  const header = JSON.parse(Buffer.from(bytes.subarray(8, 8 + length)).toString());
  const texts = header.__metadata__ ?? {};
  const opened = Object.fromEntries(
    Object.entries(texts).map(([key, text]) => {
      try {
        return [key, JSON.parse(text)];
      } catch {
        return [key, text];
      }
    }),
  );
  return jsonLike([{ ...header, __metadata__: opened }]).map((value) => {
    const closed =
      typeof value?.__metadata__ === 'object' && value.__metadata__ !== null
        ? Object.fromEntries(
            Object.entries(value.__metadata__).map(([key, part]) => [
              key,
              typeof texts[key] === 'string' && part === texts[key] ? part : JSON.stringify(part),
            ]),
          )
        : value?.__metadata__;
    const isObject = typeof value === 'object' && value !== null;
    const json = Buffer.from(JSON.stringify(isObject ? { ...value, __metadata__: closed } : value));
    const size = Buffer.alloc(8);
    size.writeBigUInt64LE(BigInt(json.length));
    return Uint8Array.from(Buffer.concat([size, json, bytes.subarray(8 + length)]));
  });
}

/** Writes the valid files and returns readers of damaged ones. `close` frees their resources. */
export async function fileReaders() {
  const folder = mkdtempSync(join(tmpdir(), 'residualbind-fuzz-'));
  process.env.XDG_CACHE_HOME = join(folder, 'cache');
  const at = (name) => join(folder, name);
  const gpu = await requestGpu();
  const readers = [
    gzip(at),
    safetensors(),
    await models(gpu, at),
    networks(at),
    await training(gpu, at),
    await sweeps(at),
    await searches(at),
    await tuning(gpu),
    ...(await experimentReaders(at)),
    ...(await exchangeReaders(at)),
  ];
  return {
    readers,
    close() {
      gpu.dispose();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function gzip(at) {
  const text = '>a\nACGU\n'.repeat(40);
  const two = Buffer.concat([gzipSync(text), Buffer.alloc(16), gzipSync(text)]);
  return {
    name: 'gzip',
    share: 3,
    inputs: bytesLike([gzipSync(text), two]),
    async read(bytes) {
      writeFileSync(at('x.gz'), bytes);
      return await readText(at('x.gz'));
    },
    check({ text: found }, bytes) {
      // If the first bytes are no longer those of a gzip file, the file is read as text, and its parser may
      // refuse it.
      if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return;
      if (found !== text && found !== text + text && found !== text.repeat(3) && found !== '')
        throw new Error('accepted, although its text is another');
    },
  };
}

function safetensors() {
  const valid = encodeSafetensors({
    tensors: {
      a: { shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) },
      b: { shape: [1], data: Float32Array.of(7) },
    },
    metadata: { note: 'x' },
  });
  return {
    name: 'safetensors',
    share: 3,
    inputs: fc.oneof(bytesLike([valid]), headersLike(valid)),
    read: (bytes) => decodeSafetensors(bytes, 'x'),
    check({ tensors }) {
      for (const { shape, data } of Object.values(tensors))
        if (data.length !== shape.reduce((size, n) => size * n, 1))
          throw new Error('accepted, although a shape is another');
    },
  };
}

const FIT = { kind: 'log', min: 1, cap: null, mean: 0.5, std: 2, n: 10 };

async function models(gpu, at) {
  const model = await ResidualBind.create(gpu, { filters: 4, hidden: 4, seed: 1 });
  const extra = {
    preset: 'paper',
    seed: 1,
    normalisation: { scope: 'train', fitted: { train: FIT, valid: FIT, test: FIT } },
    profile: Array(164).fill(0.25),
  };
  await saveModel(at('valid.safetensors'), model, extra);
  model.dispose();
  const valid = new Uint8Array(readFileSync(at('valid.safetensors')));
  const read = async (bytes) => {
    writeFileSync(at('x.safetensors'), bytes);
    const { model: loaded, facts } = await loadModel(gpu, at('x.safetensors'));
    try {
      return { architecture: loaded.architecture, weights: await loaded.weights(), extra: facts };
    } finally {
      loaded.dispose();
    }
  };
  const original = meaning(await read(valid));
  return {
    name: 'model files',
    share: 3,
    inputs: fc.oneof(
      bytesLike([valid]).map((bytes) => ({ bytes, isDamage: true })),
      headersLike(valid).map((bytes) => ({ bytes })),
    ),
    read: ({ bytes }) => read(bytes),
    check(found, { isDamage }) {
      // With a new header this is another file, not a damaged one.
      if (isDamage && meaning(found) !== original)
        throw new Error('accepted, although it means something else');
    },
  };
}

/** Network files of users: JSON lists of layers. */
function networks(at) {
  const { layers } = architecture('paper', { filters: 4, hidden: 4 });
  const valid = [
    { layers },
    { length: 30, channels: 4, alphabet: 'dna', layers: layers.slice(0, 4).concat(layers.at(-1)) },
  ];
  return {
    name: 'network files',
    share: 2,
    inputs: fc.oneof(
      jsonLike(valid).map((value) => JSON.stringify(value) ?? ''),
      texts(
        valid.map((each) => JSON.stringify(each)),
        ['{', '}', '[', ']', ',', ':', '"kind"', '"skip"', '"from"', '-1', '1e99', 'null'],
      ),
    ),
    async read(text) {
      writeFileSync(at('network.json'), text);
      return (await readNetwork(at('network.json')))({ length: 41 });
    },
    check(network) {
      const placed = placedLayers(network);
      const sizes = placed.flatMap(({ output }) => [output.positions, output.channels]);
      if (!sizes.every((size) => Number.isInteger(size) && size > 0))
        throw new Error('accepted, although a layer has no size');
      if (
        !parameterSpecs(network).every(({ shape }) =>
          shape.every((size) => Number.isInteger(size) && size > 0),
        )
      )
        throw new Error('accepted, although a parameter has no size');
    },
  };
}

async function training(gpu, at) {
  const count = 24;
  const codes = Uint8Array.from({ length: 41 * count }, (_, i) => (i * 7 + (i >> 3)) % 4);
  const scores = Float32Array.from({ length: count }, (_, i) => Math.sin(i));
  const examples = { codes, scores };
  let state;
  const model = await ResidualBind.create(gpu, { filters: 4, hidden: 4, seed: 1 });
  const onEpoch = async (_, reached) => {
    state = await reached();
  };
  await fit(model, examples, examples, { epochs: 2, batch: 12, seed: 1, onEpoch });
  model.dispose();
  await saveCheckpoint(at('valid'), state, { seed: 1 });
  const valid = new Uint8Array(readFileSync(join(at('valid'), CHECKPOINT_FILE)));
  const read = async (bytes) => {
    writeFileSync(join(at('valid'), CHECKPOINT_FILE), bytes);
    return await loadCheckpoint(at('valid'));
  };
  const original = meaning(await read(valid));
  return {
    name: 'training checkpoints',
    share: 3,
    inputs: fc.oneof(bytesLike([valid]), headersLike(valid)),
    read,
    check(found) {
      if (meaning(found) !== original) throw new Error('accepted, although it means something else');
    },
  };
}

/** A file of `SweepCheckpoint`, and damaged copies. */
async function checkpoints(at, name, codec, state) {
  const work = { seed: 1 };
  const path = at(`${name}.checkpoint`);
  const open = () => SweepCheckpoint.open(path, { work, codec });
  await (await open()).save(state);
  const valid = new Uint8Array(readFileSync(path));
  const read = async (bytes) => {
    writeFileSync(path, bytes);
    return (await open()).state;
  };
  const original = meaning(await read(valid));
  return {
    share: 2,
    inputs: fc.oneof(bytesLike([valid]), headersLike(valid)),
    read,
    check(found) {
      if (meaning(found) !== original) throw new Error('accepted, although it means something else');
    },
  };
}

const sweeps = async (at) => ({
  name: 'sweep checkpoints',
  ...(await checkpoints(at, 'sweep', partsCodec([3], { models: 1, count: 8, keepLocal: false }), [
    { backgrounds: 4, statistics: Float32Array.from({ length: 12 }, (_, i) => i / 4) },
  ])),
});

const searches = async (at) => ({
  name: 'checkpoints of --top',
  ...(await checkpoints(at, 'search', roundsCodec({ models: 1, patterns: 4, count: 8, top: 1 }), {
    rounds: [{ backgrounds: 4, patterns: 4, pairs: 16, multiplyAdds: 100 }],
    survivors: Uint32Array.of(0, 2),
    local: Float32Array.from({ length: 8 }, (_, i) => i / 4),
  })),
});

async function tuning(gpu) {
  await writeTuned(gpu, variantTable(gpu.adapter));
  const path = tuningFile(gpu);
  const valid = JSON.parse(readFileSync(path, 'utf8'));
  const { variants } = await readTuned(gpu);
  return {
    name: 'tuning cache',
    share: 2,
    inputs: fc.oneof(bytesLike([new Uint8Array(readFileSync(path))]), jsonLike([valid])),
    async read(input) {
      writeFileSync(path, input instanceof Uint8Array ? input : JSON.stringify(input));
      return await readTuned(gpu);
    },
    // Each accepted variant is one that could have been chosen, so results stay right.
    check(found) {
      for (const kernel of Object.keys(found.variants))
        if (!(kernel in variants)) throw new Error(`accepted, although there is no kernel ${kernel}`);
    },
  };
}
