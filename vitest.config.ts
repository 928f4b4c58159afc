import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Never test yesterday's WGSL or yesterday's build, whichever way vitest was started.
    globalSetup: ['test/support/embed-shaders.ts', 'test/support/build.ts'],
    // A process each: Dawn's instances, the environment and a lost device stay within one test file.
    pool: 'forks',
    // Software adapters are multi-threaded themselves, and compiling for them takes seconds.
    maxWorkers: 2,
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
