import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SHARE_ENV, Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findAdapter, withoutAdapter } from '../src/device/adapter/adapter.node.js';
import {
  matchName,
  namesOffered,
  type OpenedAdapter,
  searchAdapter,
} from '../src/device/adapter/adapter-search.js';
import { readTar } from '../src/device/adapter/tar.js';
import { AdapterNotFoundError } from '../src/device/errors.js';
import { requestGpu } from '../src/device/request-gpu.js';
import { joinBlocks, tarEntry } from './support/tar.js';

const INFO = {
  hardware: {
    vendor: 'nvidia',
    architecture: 'ampere',
    description: 'NVIDIA: 550.1',
    isFallbackAdapter: false,
  },
  lavapipe: {
    vendor: 'mesa',
    architecture: 'software',
    description: 'llvmpipe: Mesa 25',
    isFallbackAdapter: true,
  },
  swiftshader: {
    vendor: 'google',
    architecture: 'swiftshader',
    description: 'SwiftShader',
    isFallbackAdapter: true,
  },
  software: { vendor: 'microsoft', architecture: 'warp', description: 'WARP', isFallbackAdapter: true },
};
type Kind = keyof typeof INFO;

/** A machine that offers these adapters, and the calls made to it. */
function machine(has: { system?: Kind; named?: Record<string, Kind>; embedded?: boolean }) {
  const calls: string[] = [];
  const give = async (call: string, kind: Kind | undefined): Promise<OpenedAdapter> => {
    calls.push(call);
    if (!kind) throw new Error(`no ${call}`);
    const adapter = { info: { device: '', ...INFO[kind] }, features: new Set() };
    return { adapter: adapter as unknown as GPUAdapter, instance: {} as GPU };
  };
  const sources = {
    system: () => give('system', has.system),
    named: (part: string) => give(`named ${part}`, has.named?.[part]),
    embedded: () => give('embedded', has.embedded ? 'swiftshader' : undefined),
  };
  return { calls, sources };
}

it('says what a server with an NVIDIA GPU may lack', () => {
  expect(withoutAdapter((path) => path === '/dev/nvidiactl')).toMatch(
    /NVIDIA GPU.*libvulkan1, libgl1 and libegl1/,
  );
  expect(withoutAdapter(() => false)).toBe('the system offers no adapter that Dawn accepts');
});

describe('searchAdapter', () => {
  it.each([
    {
      case: 'hardware first',
      has: { system: 'hardware', embedded: true },
      finds: 'hardware',
      calls: ['system'],
    },
    { case: 'lavapipe opened once', has: { system: 'lavapipe' }, finds: 'lavapipe', calls: ['system'] },
    {
      case: 'lavapipe behind another software adapter',
      has: { system: 'software', named: { llvmpipe: 'lavapipe' } },
      finds: 'lavapipe',
      calls: ['system', 'named llvmpipe'],
    },
    {
      case: 'the embedded driver where the system has none',
      has: { embedded: true },
      finds: 'swiftshader',
      calls: ['system', 'named llvmpipe', 'embedded'],
    },
    {
      case: 'any software adapter at last',
      has: { system: 'software' },
      finds: 'software',
      calls: ['system', 'named llvmpipe', 'embedded'],
    },
  ] as const)('takes $case', async ({ has, finds, calls }) => {
    const { sources, calls: made } = machine(has);
    const found = await searchAdapter(undefined, sources);
    expect(found.class).toBe(finds);
    expect(found.name).toBe(INFO[finds].description);
    expect(made).toEqual(calls);
    expect(found.tried.at(-1)?.outcome).toBe(`using ${found.name}`);
  });

  it.each([
    { choice: 'lavapipe', finds: 'lavapipe', calls: ['named llvmpipe'] },
    { choice: 'SwiftShader', finds: 'swiftshader', calls: ['embedded'] },
    { choice: 'RTX', finds: 'hardware', calls: ['named RTX'] },
  ])('tries nothing but the chosen $choice', async ({ choice, finds, calls }) => {
    const { sources, calls: made } = machine({
      system: 'hardware',
      named: { llvmpipe: 'lavapipe', RTX: 'hardware' },
      embedded: true,
    });
    expect((await searchAdapter(choice, sources)).class).toBe(finds);
    expect(made).toEqual(calls);
  });

  it('does not pass software off as the hardware that was asked for', async () => {
    const { sources } = machine({ system: 'lavapipe', embedded: true });
    const search = searchAdapter('hardware', sources);
    await expect(search).rejects.toThrow(AdapterNotFoundError);
    await expect(search).rejects.toThrow('hardware: none; the system offers llvmpipe: Mesa 25 (lavapipe)');
  });

  it('lists what was tried and what to install, and logs it', async () => {
    const lines: string[] = [];
    const search = searchAdapter(undefined, machine({}).sources, (line) => lines.push(line));
    await expect(search).rejects.toThrow(
      /hardware: no system\n.*lavapipe: no named.*\n.*swiftshader: no embedded/,
    );
    await expect(search).rejects.toThrow('install-lavapipe.sh');
    expect(lines).toEqual(['hardware: no system', 'lavapipe: no named llvmpipe', 'swiftshader: no embedded']);
  });
});

describe('adapter names', () => {
  const refusal = `no suitable backends found\nAvailable adapters:
 * backend: 'vulkan', name: 'NVIDIA RTX 4090'
 * backend: 'vulkan', name: 'llvmpipe (LLVM 15.0.6, 256 bits)'`;

  it('are read from the refusal and matched whatever the case', () => {
    const names = namesOffered(refusal);
    expect(names).toEqual(['NVIDIA RTX 4090', 'llvmpipe (LLVM 15.0.6, 256 bits)']);
    expect(matchName(names, 'nvidia')).toBe('NVIDIA RTX 4090');
    expect(matchName(names, 'radeon')).toBeUndefined();
  });
});

describe('readTar', () => {
  it('yields regular files, also over a block long and empty ones', () => {
    const long = 'x'.repeat(600);
    const archive = joinBlocks(
      tarEntry('d/', '', '5'),
      tarEntry('a', long),
      tarEntry('b', ''),
      tarEntry('c', 'c'),
      new Uint8Array(1024),
    );
    const read = [...readTar(archive)].map(({ name, data }) => [name, new TextDecoder().decode(data)]);
    expect(read).toEqual([
      ['a', long],
      ['b', ''],
      ['c', 'c'],
    ]);
  });

  it('refuses an archive that was cut off', () => {
    expect(() => [...readTar(tarEntry('a', 'abc').subarray(0, 513))]).toThrow('ends inside "a"');
  });
});

describe('findAdapter', () => {
  it('says which adapters there are when none has the name', async () => {
    const search = findAdapter({ choice: 'no such adapter' });
    await expect(search).rejects.toThrow(AdapterNotFoundError);
    // Without a loader or a driver there are no names to compare with, and the message says so.
    await expect(search).rejects.toThrow(
      /an adapter named "no such adapter": (not among the system's adapters|there is no Vulkan loader|the system has no Vulkan driver)/,
    );
  });

  it('refuses a choice where the host chooses', async () => {
    const info = { device: '', ...INFO.lavapipe };
    const gpu = { requestAdapter: async () => ({ info, features: new Set() }) } as unknown as GPU;
    await expect(requestGpu({ gpu, adapter: 'swiftshader' })).rejects.toThrow(
      'this host chooses its adapter itself and offers llvmpipe: Mesa 25 (lavapipe), not "swiftshader"',
    );
  });

  describe.runIf(process.platform === 'linux' && process.arch === 'x64')('with the embedded driver', () => {
    let cache: string;
    const before = process.env.XDG_CACHE_HOME;
    beforeEach(() => {
      cache = mkdtempSync(join(tmpdir(), 'residualbind-'));
      process.env.XDG_CACHE_HOME = cache;
    });
    afterEach(() => {
      if (before === undefined) delete process.env.XDG_CACHE_HOME;
      else process.env.XDG_CACHE_HOME = before;
      rmSync(cache, { recursive: true });
    });

    it('unpacks it once, opens a working SwiftShader and leaves the environment as it was', async () => {
      const { VK_DRIVER_FILES, VK_ICD_FILENAMES } = process.env;
      // At the same time: neither unpacking nor the environment may get mixed up.
      const searches = [1, 2, 3].map(() => findAdapter({ choice: 'swiftshader' }));
      const [found] = await Promise.all(searches);
      expect(found?.class).toBe('swiftshader');
      expect(process.env.VK_DRIVER_FILES).toBe(VK_DRIVER_FILES);
      expect(process.env.VK_ICD_FILENAMES).toBe(VK_ICD_FILENAMES);
      expect(readdirSync(join(cache, 'residualbind-webgpu'))).toHaveLength(1);

      const device = await found!.adapter.requestDevice();
      const buffer = device.createBuffer({
        size: 4,
        usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
      });
      device.queue.writeBuffer(buffer, 0, new Uint32Array([42]));
      await buffer.mapAsync(GPUMapMode.READ);
      expect(new Uint32Array(buffer.getMappedRange())[0]).toBe(42);
      device.destroy();
    });

    it('opens it from a temporary folder where there is no cache, and says so', async () => {
      process.env.XDG_CACHE_HOME = join(cache, 'file');
      writeFileSync(process.env.XDG_CACHE_HOME, '');
      const { class: kind, tried } = await findAdapter({ choice: 'swiftshader' });
      expect(kind).toBe('swiftshader');
      expect(tried.map(({ what }) => what)).toEqual(['cache of the embedded driver', 'swiftshader']);
      expect(tried[0]?.outcome).toMatch(/cannot be used .* set XDG_CACHE_HOME/);
    });

    // A worker by itself, as applications start one; it needs what the build wrote.
    const inWorker = (env?: typeof SHARE_ENV) =>
      new Promise<string>((resolve, reject) => {
        const module = new URL('../dist/device/adapter/adapter.node.js', import.meta.url).href;
        const code = `const { parentPort } = require('node:worker_threads');
          import(${JSON.stringify(module)})
            .then(({ findAdapter }) => findAdapter({ choice: 'swiftshader' }))
            .then((found) => parentPort.postMessage(found.class), (error) => parentPort.postMessage(error.message));`;
        const worker = new Worker(code, { eval: true, ...(env && { env }) });
        worker.once('message', resolve).once('error', reject);
      });

    it('opens it in a worker thread that shares the environment', async () => {
      expect(await inWorker(SHARE_ENV)).toBe('swiftshader');
    });

    it('says in another worker thread what to do', async () => {
      expect(await inWorker()).toMatch(
        /start the worker with \{ env: SHARE_ENV \} of node:worker_threads, or the process with VK_DRIVER_FILES=.*\.json/,
      );
    });
  });
});
