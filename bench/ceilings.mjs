/** What an adapter can do at most, measured: multiply-adds in registers, and bytes copied past the caches. */
import { samplesOf } from './replay.mjs';

const THREADS = 64;
const GROUPS = 8192;
const EFFORT = { samples: 3, seconds: 0.05 };

/** Numbers in a vector and independent chains: enough to hide an addition's latency, few enough for the registers. */
const SHAPES = [
  { width: 1, chains: 8 },
  { width: 1, chains: 12 },
  { width: 1, chains: 16 },
  { width: 4, chains: 4 },
];
const ROUNDS = 16;
const LINKS_A_ROUND = 8;

/** Scale and shift are data, so that nothing can be computed when the shader is compiled. */
function multiplyAdds({ width, chains }) {
  const type = width === 1 ? 'f32' : `vec${width}f`;
  const names = Array.from({ length: chains }, (_, i) => `c${i}`);
  const link = names.map((c) => `${c} = fma(${c}, scale, shift);`).join(' ');
  return `
@group(0) @binding(0) var<storage, read_write> x: array<${type}>;

@compute @workgroup_size(${THREADS})
fn main(@builtin(global_invocation_id) id: vec3u) {
  let scale = x[id.x];
  let shift = x[id.x];
  ${names.map((c, i) => `var ${c} = scale + ${i}.0;`).join('\n  ')}
  for (var round = 0u; round < ${ROUNDS}u; round++) {
    ${Array.from({ length: LINKS_A_ROUND }, () => link).join('\n    ')}
  }
  x[id.x] = ${names.join(' + ')};
}`;
}

const COPY = `
@group(0) @binding(0) var<storage, read> source: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> copy: array<vec4f>;

@compute @workgroup_size(${THREADS})
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) grid: vec3u) {
  for (var i = id.x; i < arrayLength(&source); i += grid.x * ${THREADS}u) {
    copy[i] = source[i];
  }
}`;

/**
 * The two ceilings of the roofline, the fastest of several runs each.
 *
 * @returns `flops` a second, two a multiply-add, and `bytesPerSecond`, read and written
 */
export async function measureCeilings(gpu) {
  const flops = [];
  for (const shape of SHAPES) flops.push(await arithmetic(gpu, shape));
  return { flops: Math.max(...flops), bytesPerSecond: await bandwidth(gpu) };
}

async function arithmetic(gpu, shape) {
  const numbers = GROUPS * THREADS * shape.width;
  // Memory starts as zeros, and stays finite: every chain ends at its shift.
  const buffer = storage(gpu, 4 * numbers);
  const seconds = await fastest(gpu, multiplyAdds(shape), [buffer]);
  buffer.destroy();
  return (2 * numbers * shape.chains * ROUNDS * LINKS_A_ROUND) / seconds;
}

async function bandwidth(gpu) {
  const { maxStorageBufferBindingSize, maxBufferSize } = gpu.limits;
  const bytes = Math.min(2 ** 28, maxStorageBufferBindingSize, maxBufferSize) & ~0xff;
  const buffers = [storage(gpu, bytes), storage(gpu, bytes)];
  const seconds = await fastest(gpu, COPY, buffers);
  for (const buffer of buffers) buffer.destroy();
  return (2 * bytes) / seconds;
}

const storage = ({ device }, size) => device.createBuffer({ size, usage: GPUBufferUsage.STORAGE });

async function fastest(gpu, code, buffers) {
  const { device } = gpu;
  const pipeline = await device.createComputePipelineAsync({
    layout: 'auto',
    compute: { module: device.createShaderModule({ code }) },
  });
  const bindGroup = device.createBindGroup({
    layout: pipeline.getBindGroupLayout(0),
    entries: buffers.map((buffer, binding) => ({ binding, resource: { buffer } })),
  });
  return Math.min(...(await samplesOf(gpu, { pipeline, bindGroup, workgroups: [GROUPS, 1, 1] }, EFFORT)));
}
