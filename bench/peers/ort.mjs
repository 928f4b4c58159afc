/**
 * onnxruntime: `ort.mjs webgpu` (onnxruntime-web) or `ort.mjs node` (its native library on the CPU). It can
 * only predict.
 */
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { oneHot } from '../network.mjs';
import { installNavigator } from './dawn.mjs';
import { onnxModel } from './onnx.mjs';
import { serve } from './serve.mjs';

const where = process.argv[2];
const require = createRequire(import.meta.url);

/** Its WebAssembly memory may be shared, which Dawn's writeBuffer refuses. So the data are copied. */
function copySharedWrites() {
  const { writeBuffer } = GPUQueue.prototype;
  GPUQueue.prototype.writeBuffer = function (buffer, offset, data, from = 0, size = undefined) {
    const view = ArrayBuffer.isView(data);
    const memory = view ? data.buffer : data;
    if (!(memory instanceof SharedArrayBuffer)) {
      return writeBuffer.call(this, buffer, offset, data, from, ...(size === undefined ? [] : [size]));
    }
    // A size counts elements for a typed array, and bytes for everything else.
    const unit = (view && data.BYTES_PER_ELEMENT) || 1;
    const start = (view ? data.byteOffset : 0) + from * unit;
    const bytes = size === undefined ? data.byteLength - from * unit : size * unit;
    return writeBuffer.call(this, buffer, offset, new Uint8Array(memory, start, bytes).slice());
  };
}

async function openWebGpu(model) {
  copySharedWrites();
  const ort = await import('onnxruntime-web/webgpu');
  ort.env.wasm.numThreads = 1;
  const session = await ort.InferenceSession.create(model, {
    executionProviders: ['webgpu'],
    graphOptimizationLevel: 'all',
  });
  return { ort, session, version: ort.env.versions.web };
}

async function openNative(model) {
  const ort = require('onnxruntime-node');
  const session = await ort.InferenceSession.create(model, {
    executionProviders: ['cpu'],
    intraOpNumThreads: availableParallelism(),
    graphOptimizationLevel: 'all',
  });
  return { ort, session, version: ort.env.versions.node };
}

serve(async ({ adapter, architecture, weights }) => {
  const { length, channels } = architecture;
  const model = onnxModel(weights, architecture);
  const givenAdapter = where === 'webgpu' ? await installNavigator(adapter) : () => undefined;
  const { ort, session, version } = await (where === 'webgpu' ? openWebGpu(model) : openNative(model));

  /** The input, in the memory of the device that computes. */
  async function resident(values, dims) {
    if (where !== 'webgpu') return { x: new ort.Tensor('float32', values, dims), dispose() {} };
    const device = await ort.env.webgpu.device;
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC;
    const buffer = device.createBuffer({ size: values.byteLength, usage });
    device.queue.writeBuffer(buffer, 0, values);
    return {
      x: ort.Tensor.fromGpuBuffer(buffer, { dataType: 'float32', dims }),
      dispose: () => buffer.destroy(),
    };
  }

  return {
    about: { version, adapter: givenAdapter() },
    async forward(codes) {
      const { x, dispose } = await resident(oneHot(codes), [codes.length / length, length, channels]);
      return { once: async () => (await session.run({ x })).y.getData(), dispose };
    },
  };
});
