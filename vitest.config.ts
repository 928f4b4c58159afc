import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** Files that change what a process shares: its environment, its modules, or the device on which a GPU is opened. */
const ISOLATED = [
  'adapter',
  'device',
  'driver-cache',
  'fused-sweep-matrix-arithmetic',
  'known-product',
  'matrix-trunk',
  'polling',
  'precision',
  'profiler',
  'subgroup-matrix',
  'subgroup-matrix-arithmetic',
  'tuning',
  'vulkan',
].map((name) => `test/${name}.test.ts`);

export default defineConfig({
  test: {
    // Never test yesterday's WGSL or yesterday's build, whichever way vitest was started.
    globalSetup: ['test/support/embed-shaders.ts', 'test/support/build.ts'],
    pool: 'forks',
    // Software adapters are multi-threaded themselves, and compiling for them takes seconds.
    maxWorkers: 2,
    testTimeout: 300_000,
    hookTimeout: 300_000,
    projects: [
      { extends: true, test: { name: 'isolated', include: ISOLATED } },
      {
        extends: true,
        test: {
          name: 'shared',
          include: ['test/**/*.test.ts'],
          exclude: ISOLATED,
          isolate: false,
          alias: { webgpu: fileURLToPath(new URL('test/support/shared-dawn.ts', import.meta.url)) },
        },
      },
    ],
  },
});
