/**
 * What an analysis would need, said before it begins: more pairs than can be numbered, backgrounds that no
 * buffer of the adapter holds, or more memory than the machine has are refused while nothing has been drawn
 * or computed.
 */

import { OutOfMemoryError, ShapeError } from '../device/errors.js';
import { checkHostMemory, inBytes } from '../device/host-memory.js';

export interface Needs {
  readonly patterns: number;
  readonly backgrounds: number;
  /** Letters of a sequence. */
  readonly length: number;
  /** Size of the model axis. */
  readonly models: number;
  /** Whether every local importance is kept, not only their statistics. */
  readonly keepLocal?: boolean | undefined;
  /** Bytes that one buffer of the adapter holds (`maxStorageBufferBindingSize`). */
  readonly bindable: number;
  /**
   * Multiply-adds of a (pattern, background) pair and model, where they are known; asked for only where the
   * work is refused.
   */
  readonly multiplyAdds?: (() => number | undefined) | undefined;
}

/** Pairs are numbered by 32 bits. */
const MOST_PAIRS = 2 ** 32;
/** Names, sites and a row of the table, of one pattern. */
const PATTERN_BYTES = 600;
/** Running statistics of a pattern on their way from the GPU into the table. */
const STATISTICS_BYTES = 64;
/** f32, as collected, as returned, and as one model's part. */
const LOCAL_BYTES = 12;

const count = (value: number): string => value.toLocaleString('en');

/** @throws ShapeError for 2^32 pairs or more; OutOfMemoryError; both say what is needed and what to change */
export function checkNeeds(needs: Needs): void {
  const { patterns, backgrounds, length, bindable } = needs;
  const what = `${count(patterns)} patterns in ${count(backgrounds)} backgrounds`;
  if (patterns * backgrounds >= MOST_PAIRS) {
    const most = Math.floor((MOST_PAIRS - 1) / patterns);
    throw new ShapeError(
      `${what} are ${approximately(patterns * backgrounds)} pairs${arithmetic(needs)}; at most 2^32 - 1 pairs fit one analysis. Use at most ${count(most)} backgrounds (--backgrounds), or fewer patterns`,
    );
  }
  if (backgrounds * length > bindable)
    throw new OutOfMemoryError(
      `${count(backgrounds)} backgrounds of ${length} letters take ${inBytes(backgrounds * length)} in one buffer, and buffers of this adapter hold ${inBytes(bindable)}; use at most ${count(Math.floor(bindable / length))} backgrounds (--backgrounds)`,
    );
  checkMemory(needs);
}

/** @throws OutOfMemoryError where the machine has too little memory */
export function checkMemory(needs: Needs): void {
  const { patterns, backgrounds, length, models, keepLocal = false } = needs;
  const what = `${count(patterns)} patterns in ${count(backgrounds)} backgrounds`;
  checkHostMemory(
    bytesOf(needs),
    `${what}${keepLocal ? ', all local importances kept,' : ''}`,
    keepLocal
      ? 'use fewer backgrounds (--backgrounds), or do not keep local importances (--local, --bootstrap)'
      : `use fewer ${backgrounds * (length + 4 * models) > patterns * PATTERN_BYTES ? 'backgrounds (--backgrounds)' : 'patterns'}`,
  );
}

/** Host memory that an analysis takes at least. */
const bytesOf = ({ patterns, backgrounds, length, models, keepLocal }: Needs): number =>
  backgrounds * (length + 4 * models) +
  patterns * (PATTERN_BYTES + length + models * STATISTICS_BYTES) +
  (keepLocal ? models * patterns * backgrounds * LOCAL_BYTES : 0);

/** Multiply-adds a second of a fast graphics card, for a time that nobody has to measure. */
const FAST = 1e13;

function arithmetic({ patterns, backgrounds, models, multiplyAdds }: Needs): string {
  const each = multiplyAdds?.();
  if (each === undefined) return '';
  const all = patterns * backgrounds * models * each;
  return ` and about ${approximately(all)} multiply-adds (${duration(all / FAST)} on a graphics card that does 10^13 a second)`;
}

const approximately = (value: number): string => {
  const exponent = Math.floor(Math.log10(value));
  return exponent < 6 ? count(value) : `${(value / 10 ** exponent).toFixed(1)} × 10^${exponent}`;
};

function duration(seconds: number): string {
  const units = [
    ['days', 86_400],
    ['hours', 3600],
    ['minutes', 60],
  ] as const;
  const [unit, size] = units.find(([, least]) => seconds >= 2 * least) ?? (['seconds', 1] as const);
  return `${count(Math.ceil(seconds / size))} ${unit}`;
}
