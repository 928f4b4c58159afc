/**
 * The libraries that compute the network, each in a process of its own, and the requests that the bench makes
 * of them. A process runs one or several variants (a precision, a compiler), which are compared like
 * libraries. A runner that is not installed, fails or dies is set aside with its reason; the rest goes on.
 */
import { fork, spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { encodeFrame, FrameReader } from './peers/frames.mjs';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const INSTALL = 'npm run bench:peers';

/**
 * `kind`: ours, a WebGPU peer that must run on our adapter, or a native library. `start` starts the process.
 * Each of `variants` is a runner: its name; its `precision`, f32 where none is given; the kinds of work it
 * takes part in, all that its library does where none are given; and `options`, which every work of its is
 * prepared with.
 */
const PROCESSES = [
  {
    kind: 'ours',
    start: () => forked('ours'),
    variants: [
      { name: 'residualbind' },
      { name: 'residualbind, f16x2', precision: 'f16x2', kinds: ['forward', 'host', 'sweep'] },
      { name: 'residualbind, f16', precision: 'f16', kinds: ['forward', 'host', 'sweep'] },
    ],
  },
  {
    kind: 'webgpu',
    start: () => forked('tfjs', 'webgpu', '@tensorflow/tfjs-backend-webgpu'),
    variants: [{ name: 'tfjs WebGPU' }],
  },
  {
    kind: 'webgpu',
    start: () => forked('jax', undefined, '@jax-js/jax'),
    variants: [{ name: 'jax-js WebGPU' }],
  },
  {
    kind: 'webgpu',
    start: () => forked('ort', 'webgpu', 'onnxruntime-web'),
    variants: [{ name: 'onnxruntime-web WebGPU' }],
  },
  {
    kind: 'native',
    start: () => forked('ort', 'node', 'onnxruntime-node'),
    variants: [{ name: 'onnxruntime-node' }],
  },
  {
    kind: 'native',
    start: () => forked('tfjs', 'wasm', '@tensorflow/tfjs-backend-wasm'),
    variants: [{ name: 'tfjs wasm, 1 thread' }],
  },
  { kind: 'native', start: () => startTorch('cpu'), variants: [{ name: 'torch' }] },
  {
    kind: 'cuda',
    start: () => startTorch('cuda'),
    variants: [
      { name: 'torch CUDA' },
      { name: 'torch CUDA, TF32', precision: 'tf32' },
      { name: 'torch CUDA, f16', precision: 'f16', kinds: ['forward', 'host', 'loop'] },
      { name: 'torch CUDA, graph', kinds: ['train'], options: { graph: true } },
      { name: 'torch CUDA, graph, TF32', precision: 'tf32', kinds: ['train'], options: { graph: true } },
    ],
  },
  // Compiling takes long and is bounded: what does not end in time is ended alone, so each has its own
  // process.
  compiledTorch('TF32, compiled', 'tf32', 'default', ['forward']),
  compiledTorch('f16, compiled', 'f16', 'default', ['forward']),
  compiledTorch('f16, max-autotune', 'f16', 'max-autotune', ['forward']),
  compiledTorch('graph, TF32, compiled', 'tf32', 'default', ['train'], { graph: true }),
];

function compiledTorch(name, precision, compile, kinds, options = {}) {
  const variant = { name: `torch CUDA, ${name}`, precision, kinds, options: { ...options, compile } };
  return { kind: 'cuda', start: () => startTorch('cuda'), variants: [variant] };
}

/** A child that runs `peers/<script>.mjs`; `needs` is the package that must be installed. */
function forked(script, argument, needs) {
  if (needs && !existsSync(here(`node_modules/${needs}`))) throw new Error(`not installed; ${INSTALL}`);
  const child = fork(here(`peers/${script}.mjs`), argument ? [argument] : [], {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  return {
    child,
    send: (message) => child.send(message),
    listen: (listener) => child.on('message', listener),
    stop: () => child.kill('SIGKILL'),
  };
}

let foundTorch;

/**
 * A Python that has torch, and whether torch finds a CUDA device; `PYTHON` names one. Without one,
 * `complaint` is what the first of them said.
 */
function findTorch() {
  const asks = 'import torch; print(torch.cuda.is_available())';
  const complaints = [];
  for (const python of [process.env.PYTHON, 'python3', 'python', '/usr/bin/python3'].filter(Boolean)) {
    const { status, stdout, stderr, error } = spawnSync(python, ['-c', asks], { encoding: 'utf8' });
    if (status === 0) return { python, hasCuda: stdout.includes('True') };
    complaints.push(`${python}: ${error?.message ?? stderr.trim().split('\n').at(-1)}`);
  }
  return { complaint: complaints[0] };
}

/** @param device `cpu` or `cuda` */
function startTorch(device) {
  foundTorch ??= findTorch();
  const { python, hasCuda, complaint } = foundTorch;
  if (!python)
    throw new Error(
      `no Python here has torch (${complaint}); on Debian: apt-get install python3-torch libopenblas0-pthread`,
    );
  if (device === 'cuda' && !hasCuda) throw new Error('this torch finds no CUDA device');
  // A group of its own: compilers start processes too, and all are ended together.
  const child = spawn(python, [here('peers/pytorch.py'), device], {
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  });
  // A child that is gone is reported by its exit, not by the pipe to it.
  child.stdin.on('error', () => {});
  return {
    child,
    send: (message) => {
      for (const part of encodeFrame(message)) child.stdin.write(part);
    },
    listen: (listener) => {
      const frames = new FrameReader(listener);
      child.stdout.on('data', (chunk) => frames.push(chunk));
    },
    stop: () => process.kill(-child.pid, 'SIGKILL'),
  };
}

/** Seconds after which a request has failed and its process is ended. */
const LONGEST_REQUEST = 600;
/** The same where torch.compile works on it. */
const LONGEST_COMPILATION = 120;

/** A child that answers requests, see `peers/serve.mjs`. */
class Child {
  #send;
  #stop;
  #pending = new Map();
  #count = 0;
  #ended;
  #complaint = '';

  constructor({ child, send, listen, stop }) {
    this.#send = send;
    this.#stop = stop;
    listen(({ id, result, error }) => {
      const { resolve, reject } = this.#pending.get(id);
      this.#pending.delete(id);
      if (error === undefined) resolve(result);
      else reject(new Error(error));
    });
    child.stderr.on('data', (text) => {
      this.#complaint = `${this.#complaint}${text}`.slice(-2000);
    });
    child.on('exit', (code, signal) => {
      const lastLine = this.#complaint.trim().split('\n').at(-1);
      this.#end(new Error(`its process ended (${signal ?? `exit status ${code}`}) ${lastLine}`.trim()));
    });
  }

  /** Refuses what waits and what comes. */
  #end(reason) {
    this.#ended ??= reason;
    for (const { reject } of this.#pending.values()) reject(this.#ended);
    this.#pending.clear();
  }

  request(operation, slot, argument, seconds) {
    if (this.#ended) return Promise.reject(this.#ended);
    const id = this.#count++;
    const answered = new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      this.#send({ id, operation, slot, argument });
    });
    const timer = setTimeout(() => {
      this.stop(new Error(`no answer to "${operation}" within ${seconds} s`));
    }, 1000 * seconds);
    return answered.finally(() => clearTimeout(timer));
  }

  stop(reason = new Error('its process was ended')) {
    if (this.#ended) return;
    this.#end(reason);
    try {
      this.#stop();
    } catch (error) {
      // It ended by itself a moment ago.
      if (error.code !== 'ESRCH') throw error;
    }
  }
}

/** A variant of a library. */
export class Runner {
  #child;
  #options;

  /** @param about what its library says of itself, see `peers/serve.mjs` */
  constructor(child, kind, about, { name, precision = 'f32', kinds = about.does, options = {} }) {
    this.#child = child;
    this.#options = { ...options, ...(precision !== 'f32' && { precision }) };
    this.name = name;
    this.kind = kind;
    this.about = about;
    this.precision = precision;
    this.kinds = kinds;
    /** Seconds after which a request has failed and the process is ended. */
    this.longest = this.isCompiled ? LONGEST_COMPILATION : LONGEST_REQUEST;
  }

  /**
   * One of the operations of `peers/serve.mjs`.
   *
   * @param slot which of its works, side by side, it is about
   */
  request(operation, argument, slot = '') {
    const own = operation === 'prepare' ? { ...argument, ...this.#options } : argument;
    return this.#child.request(operation, `${this.name} ${slot}`, own, this.longest);
  }

  /** Whether its first run takes long, for a compiler works. */
  get isCompiled() {
    return this.#options.compile !== undefined;
  }

  stop() {
    this.#child.stop();
  }
}

/** The runners that started, ours first, and those that could not. */
export class Runners {
  running = [];
  /** `{ name, reason }` */
  absent = [];

  /**
   * @param options what `open` of a peer gets: adapter, architecture, weights, adam
   * @param wanted which variants, by what `PROCESSES` says of them
   */
  static async start(options, wanted) {
    const opened = await Promise.all(
      PROCESSES.map(async ({ kind, start, variants }) => {
        const chosen = variants.filter((variant) => wanted({ kind, ...variant }));
        if (chosen.length === 0) return { chosen };
        let child;
        try {
          child = new Child(start());
          const about = await child.request('open', undefined, options, LONGEST_REQUEST);
          return { kind, chosen, child, about };
        } catch (error) {
          child?.stop();
          return { kind, chosen, error };
        }
      }),
    );
    const all = new Runners();
    for (const { kind, chosen, child, about, error } of opened) {
      const reason = error ?? (kind === 'webgpu' ? otherAdapter(about, all.ours?.about) : undefined);
      if (!reason) all.running.push(...chosen.map((variant) => new Runner(child, kind, about, variant)));
      else {
        child?.stop();
        all.absent.push(...chosen.map(({ name }) => ({ name, reason: reason.message })));
      }
    }
    if (all.ours) return all;
    all.stop();
    throw new Error(all.absent[0].reason);
  }

  get ours() {
    return this.running.find(({ kind }) => kind === 'ours');
  }

  stop() {
    for (const runner of this.running) runner.stop();
  }
}

/** Figures of different adapters are never put side by side. */
function otherAdapter({ adapter }, ours) {
  if (ours === undefined || adapter === ours.adapter) return undefined;
  return new Error(`it runs on "${adapter}", not on "${ours.adapter}"`);
}
