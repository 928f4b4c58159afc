/**
 * Creates the pipelines that `bench/static.mjs` compiles for other chips, while Dawn prints their SPIR-V. It
 * runs on any adapter and dispatches nothing. It is a process of its own, because Dawn does not print through
 * Node's streams.
 */
import { create, globals } from 'webgpu';
import { withSwiftShader } from '../../dist/device/adapter/swiftshader.node.js';
import { programOf } from '../../dist/kernels/launch.js';
import { candidates } from './candidates.mjs';

Object.assign(globalThis, globals);

/** Dawn's instance must outlive its adapter. */
let instance;
async function open() {
  instance = create(['enable-dawn-features=dump_shaders']);
  return instance.requestAdapter();
}

const adapter = (await open().catch(() => null)) ?? (await withSwiftShader(open));
if (!adapter) throw new Error('no WebGPU adapter to create pipelines on');
const limits = ['maxComputeWorkgroupStorageSize', 'maxComputeInvocationsPerWorkgroup'];
const device = await adapter.requestDevice({
  requiredFeatures: adapter.features.has('subgroups') ? ['subgroups'] : [],
  requiredLimits: Object.fromEntries(limits.map((name) => [name, adapter.limits[name]])),
});
for (const [index, { shader, tile, needs }] of candidates().entries()) {
  if (needs && !device.features.has(needs)) continue;
  const code = `// candidate ${index}\n${programOf(shader, tile).code}`;
  device.pushErrorScope('validation');
  const module = device.createShaderModule({ code });
  await device.createComputePipelineAsync({ layout: 'auto', compute: { module, entryPoint: 'main' } });
  const error = await device.popErrorScope();
  if (error) throw new Error(`${shader} ${JSON.stringify(tile)}: ${error.message}`);
}
device.destroy();
