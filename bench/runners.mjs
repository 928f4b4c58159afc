/**
 * The processes that compute the network, one library each, and the requests the bench makes of them. A runner that is
 * not installed, fails or dies is set aside with its reason; the rest goes on.
 */
import { fork, spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const INSTALL = 'npm run bench:peers';

/** `kind`: ours, a WebGPU peer that must run on our adapter, or a native library for context. */
const RUNNERS = [
  { name: 'residualbind', kind: 'ours', start: () => forked('ours') },
  {
    name: 'tfjs WebGPU',
    kind: 'webgpu',
    start: () => forked('tfjs', 'webgpu', '@tensorflow/tfjs-backend-webgpu'),
  },
  { name: 'jax-js WebGPU', kind: 'webgpu', start: () => forked('jax', undefined, '@jax-js/jax') },
  { name: 'onnxruntime-web WebGPU', kind: 'webgpu', start: () => forked('ort', 'webgpu', 'onnxruntime-web') },
  { name: 'onnxruntime-node', kind: 'native', start: () => forked('ort', 'node', 'onnxruntime-node') },
  {
    name: 'tfjs wasm, 1 thread',
    kind: 'native',
    start: () => forked('tfjs', 'wasm', '@tensorflow/tfjs-backend-wasm'),
  },
  { name: 'torch', kind: 'native', start: () => startTorch('cpu') },
  { name: 'torch CUDA', kind: 'native', start: () => startTorch('cuda') },
];

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
  };
}

/** @param device `cpu` or `cuda` */
function startTorch(device) {
  const python = ['python3', '/usr/bin/python3'].find(
    (command) => spawnSync(command, ['-c', 'import torch']).status === 0,
  );
  if (!python)
    throw new Error(
      'no Python here has torch; on Debian: apt-get install python3-torch libopenblas0-pthread',
    );
  const asks = 'import sys, torch; sys.exit(not torch.cuda.is_available())';
  if (device === 'cuda' && spawnSync(python, ['-c', asks]).status !== 0)
    throw new Error('this torch finds no CUDA device');
  const child = spawn(python, [here('peers/pytorch.py'), device], { stdio: ['pipe', 'pipe', 'pipe'] });
  // A child that is gone is reported by its exit, not by the pipe to it.
  child.stdin.on('error', () => {});
  const plain = (_, value) => (ArrayBuffer.isView(value) ? Array.from(value) : value);
  return {
    child,
    send: (message) => child.stdin.write(`${JSON.stringify(message, plain)}\n`),
    listen: (listener) =>
      createInterface({ input: child.stdout }).on('line', (line) => listener(JSON.parse(line))),
  };
}

/** Seconds after which a request has failed and its process is ended. */
const LONGEST_REQUEST = 600;

export class Runner {
  #child;
  #send;
  #pending = new Map();
  #count = 0;
  #ended;
  #complaint = '';
  /** What its library says of itself, see `peers/serve.mjs`. */
  about;

  constructor({ name, kind, start }) {
    this.name = name;
    this.kind = kind;
    const { child, send, listen } = start();
    this.#child = child;
    this.#send = send;
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
      this.#ended = new Error(`its process ended (${signal ?? `exit status ${code}`}) ${lastLine}`.trim());
      for (const { reject } of this.#pending.values()) reject(this.#ended);
    });
  }

  /** One of the operations of `peers/serve.mjs`. */
  request(operation, argument) {
    if (this.#ended) return Promise.reject(this.#ended);
    const id = this.#count++;
    const answered = new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      this.#send({ id, operation, argument });
    });
    const timer = setTimeout(() => {
      this.#complaint = `no answer to "${operation}" within ${LONGEST_REQUEST} s`;
      this.stop();
    }, 1000 * LONGEST_REQUEST);
    return answered.finally(() => clearTimeout(timer));
  }

  stop() {
    this.#child.kill('SIGKILL');
  }
}

/** The runners that started, ours first, and those that could not. */
export class Runners {
  running = [];
  /** `{ name, reason }` */
  absent = [];

  /** @param options what `open` of a peer gets: adapter, architecture, weights, adam */
  static async start(options) {
    const all = new Runners();
    for (const runner of RUNNERS) {
      let started;
      try {
        started = new Runner(runner);
        started.about = await started.request('open', options);
        all.running.push(started);
        refuseOtherAdapter(started, all.ours);
      } catch (error) {
        started?.stop();
        all.running = all.running.filter((other) => other !== started);
        all.absent.push({ name: runner.name, reason: error.message });
        if (runner.kind === 'ours') throw error;
      }
    }
    return all;
  }

  get ours() {
    return this.running.find(({ kind }) => kind === 'ours');
  }

  stop() {
    for (const runner of this.running) runner.stop();
  }
}

/** Figures of different adapters are never put side by side. */
function refuseOtherAdapter(runner, ours) {
  if (runner.kind !== 'webgpu' || runner.about.adapter === ours.about.adapter) return;
  throw new Error(`it runs on "${runner.about.adapter}", not on "${ours.about.adapter}"`);
}
