/**
 * The environment and the shared libraries that native code of this process sees. Node passes assignments to
 * `process.env` on to native code, except in a worker thread that has its own copy. Bun never does.
 */

import { constants } from 'node:os';

/** Sets variables while `call` runs, up to its first await. */
export async function withVariables<T>(
  values: Readonly<Record<string, string>>,
  call: () => Promise<T>,
): Promise<T> {
  const set = await setter();
  const before = Object.keys(values).map((name) => [name, process.env[name]] as const);
  for (const [name, value] of Object.entries(values)) set(name, value);
  try {
    // Not awaited here, so that nothing else in this process sees the change.
    return call();
  } finally {
    for (const [name, value] of before) set(name, value);
  }
}

type Setter = (name: string, value: string | undefined) => void;

async function setter(): Promise<Setter> {
  if (process.versions.bun) return bunSetter();
  return (name, value) => {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  };
}

interface BunLibrary {
  readonly symbols: Readonly<Record<string, (...args: unknown[]) => number>>;
}
type BunSignatures = Readonly<Record<string, { readonly args: readonly string[]; readonly returns: string }>>;

async function bunOpen(library: string, signatures: BunSignatures): Promise<BunLibrary> {
  // Not a literal: other hosts and bundlers know no such module.
  const name = 'bun:ffi';
  const { dlopen } = (await import(name)) as { dlopen(path: string, functions: BunSignatures): BunLibrary };
  return dlopen(library, signatures);
}

async function bunSetter(): Promise<Setter> {
  const { symbols } = await bunOpen('libc.so.6', {
    setenv: { args: ['cstring', 'cstring', 'int'], returns: 'int' },
    unsetenv: { args: ['cstring'], returns: 'int' },
  });
  const text = (value: string) => Buffer.from(`${value}\0`);
  return (variable, value) => {
    if (value === undefined) symbols.unsetenv!(text(variable));
    else symbols.setenv!(text(variable), text(value), 1);
  };
}

/** Bun unloads a library that is no longer referenced. */
const BUN_LIBRARIES = new Set<BunLibrary>();

/**
 * Loads a shared library and leaves it loaded, so that a later dlopen by native code finds it by its name.
 *
 * @param symbol a function that it exports
 * @returns why it cannot be loaded; undefined where it is
 */
export async function loadLibrary(library: string, symbol: string): Promise<string | undefined> {
  const RTLD_NODELETE = 0x1000;
  try {
    if (process.versions.bun) {
      BUN_LIBRARIES.add(await bunOpen(library, { [symbol]: { args: [], returns: 'ptr' } }));
    } else process.dlopen({ exports: {} }, library, constants.dlopen.RTLD_NOW | RTLD_NODELETE);
    return undefined;
  } catch (error) {
    const { message } = error as Error;
    // Node takes every library for an addon. After loading this one it complains that it registered none.
    return message.includes('did not self-register') ? undefined : message;
  }
}
