/** What each file of figures states about its origin. */
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const require = createRequire(import.meta.url);

function git(...args) {
  try {
    return execFileSync('git', ['-C', root, ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  } catch {
    return undefined;
  }
}

/**
 * Version and commit of the product. `commit` is null outside a checkout; `isDirty` is true if there are
 * uncommitted changes.
 */
function product() {
  const commit = git('rev-parse', 'HEAD')?.trim() ?? null;
  const isDirty = commit === null ? null : git('status', '--porcelain', '--untracked-files=no') !== '';
  return { version: require('../package.json').version, commit, isDirty };
}

/** @param gpu the GPU that is measured, see `requestGpu` */
export function recordOf(gpu) {
  return {
    date: new Date().toISOString(),
    product: product(),
    adapter: gpu.adapter,
    versions: { node: process.version, webgpu: require('webgpu/package.json').version },
    machine: { processor: cpus()[0].model, cores: cpus().length, loadBefore: loadavg()[0] },
  };
}

/** Describes the record in two lines. */
export function describe({ product: { version, commit, isDirty }, adapter, versions, machine }) {
  const state = commit === null ? 'no checkout' : `${commit.slice(0, 10)}${isDirty ? ', changed' : ''}`;
  return [
    `adapter: ${adapter.name} (${adapter.class}); node ${versions.node}, webgpu ${versions.webgpu}`,
    `residualbind ${version} (${state}); load: ${machine.loadBefore.toFixed(1)} on ${machine.cores} cores`,
  ].join('\n');
}
