/**
 * How much memory the machine has, and the refusal of work that needs more. Work is refused before it begins:
 * a machine that runs out of memory ends the process without a message.
 */

import { OutOfMemoryError } from './errors.js';

/** Assumed if the host does not report its memory; browsers give a page about this much. */
const UNKNOWN = 4 * 2 ** 30;

/** The part of Node's `process` that Deno and Bun have too; absent in browsers. */
interface Host {
  readonly constrainedMemory?: () => number | undefined;
  readonly getBuiltinModule?: (name: string) => { readonly totalmem: () => number } | undefined;
}

/**
 * The most bytes of memory that this process can have: the machine's, or its container's if that is less.
 */
export function hostMemory(): number {
  const { process } = globalThis as { readonly process?: Host };
  try {
    const total = process?.getBuiltinModule?.('node:os')?.totalmem() || UNKNOWN;
    return Math.min(total, process?.constrainedMemory?.() || total);
  } catch {
    return UNKNOWN; // Deno without permission to ask.
  }
}

/**
 * @param what needs the memory; opens the message
 * @param advice ends the message: what to change
 * @throws OutOfMemoryError where `bytes` are more than the machine has
 */
export function checkHostMemory(bytes: number, what: string, advice: string, most = hostMemory()): void {
  if (bytes <= most) return;
  throw new OutOfMemoryError(
    `${what} needs ${inBytes(bytes)} of memory, and this machine has ${inBytes(most)}; ${advice}`,
  );
}

/** `4.1 GB`. */
export function inBytes(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB', 'PB'];
  let [value, unit] = [bytes, 0];
  while (value >= 1000 && unit < units.length - 1) [value, unit] = [value / 1000, unit + 1];
  return `${unit === 0 ? value : Number(value.toPrecision(2)).toLocaleString('en')} ${units[unit]}`;
}
