/**
 * Checks of values from outside: arguments of library functions and facts read from files. A check says what
 * a value must be. A place gives the name of the value and the error to throw.
 */

import { ArgumentError, FormatError, type ResidualBindError } from './errors.js';

/** The name of a value, and its error. */
export interface Place {
  /** `epochs`, `architecture.dilations[2]`. */
  readonly name: string;
  error(message: string): ResidualBindError;
}

/** An argument of a function, or an option by its name. */
export const argument = (name: string): Place => ({
  name,
  error: (message) => new ArgumentError(name, message),
});

/** A field of a file. */
export const fieldOf = (file: string, name: string): Place => ({
  name,
  error: (message) => new FormatError(`${file}: ${message}`),
});

/**
 * A field or an item of a value. If the value has no name, the name is that of the field alone. The name is
 * built only when it is needed, since lists of thousands of items are checked and few are named.
 */
class Inside implements Place {
  constructor(
    readonly outer: Place,
    readonly step: string | number,
  ) {}

  get name(): string {
    const { step } = this;
    const { name } = this.outer;
    if (typeof step === 'number') return `${name}[${step}]`;
    return name === '' ? step : `${name}.${step}`;
  }

  error(message: string): ResidualBindError {
    return this.outer.error(message);
  }
}

/** Returns the value with its type, or throws the place's error. */
export type Check<T> = (value: unknown, place: Place) => T;

const must = (place: Place, be: string, value: unknown): never => {
  throw place.error(
    value === undefined
      ? `${place.name} is missing; it must be ${be}`
      : `${place.name} must be ${be}, not ${shown(value)}`,
  );
};

/** A value for a message, shortened if it is long. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value);
  if (typeof value === 'function') return 'a function';
  if (typeof value !== 'object' || value === null) return String(value);
  const kind = kindOf(value);
  return `${/^[AEIOU]/.test(kind) ? 'an' : 'a'} ${kind}`;
}

/** `Array`, `Float32Array`, `Map`, …, also for values of another realm. */
const kindOf = (value: object): string => Object.prototype.toString.call(value).slice(8, -1);

/** The largest seed and the largest u32. */
export const U32 = 0xffffffff;

/** A whole number. */
export const whole =
  (least: number, most = Number.MAX_SAFE_INTEGER): Check<number> =>
  (value, place) =>
    Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most
      ? (value as number)
      : must(place, wholeText(least, most), value);

function wholeText(least: number, most: number): string {
  const ends = most < Number.MAX_SAFE_INTEGER;
  if (least === 1) return `a positive integer${ends ? ` of at most ${most}` : ''}`;
  return ends ? `a whole number from ${least} to ${most}` : `a whole number, ${least} or more`;
}

export const seed: Check<number> = whole(0, U32);

interface Bounds {
  readonly above?: number;
  readonly least?: number;
  readonly below?: number;
  readonly most?: number;
}

/** A finite number within bounds. */
export const number =
  ({ above, least, below, most }: Bounds = {}): Check<number> =>
  (value, place) => {
    const x = value as number;
    const fits =
      Number.isFinite(value) &&
      (above === undefined || x > above) &&
      (least === undefined || x >= least) &&
      (below === undefined || x < below) &&
      (most === undefined || x <= most);
    const bounds = [
      ...(above === undefined ? [] : [`above ${above}`]),
      ...(least === undefined ? [] : [`${least} or more`]),
      ...(below === undefined ? [] : [`below ${below}`]),
      ...(most === undefined ? [] : [`at most ${most}`]),
    ].join(' and ');
    return fits ? x : must(place, `a finite number${bounds && `, ${bounds}`}`, value);
  };

export const flag: Check<boolean> = (value, place) =>
  typeof value === 'boolean' ? value : must(place, 'true or false', value);

export const text: Check<string> = (value, place) =>
  typeof value === 'string' ? value : must(place, 'a text', value);

/** One of a few words. */
export const oneOf =
  <const Word extends string>(...words: readonly Word[]): Check<Word> =>
  (value, place) =>
    words.includes(value as Word)
      ? (value as Word)
      : must(place, `one of ${words.map((word) => `"${word}"`).join(', ')}`, value);

/** Also accepts undefined, for an option that has a default. */
export const optional =
  <T>(check: Check<T>): Check<T | undefined> =>
  (value, place) =>
    value === undefined ? undefined : check(value, place);

export const nullable =
  <T>(check: Check<T>): Check<T | null> =>
  (value, place) =>
    value === null ? null : check(value, place);

/** An array whose items all pass. */
export const list =
  <T>(check: Check<T>, least = 0, most = Number.MAX_SAFE_INTEGER): Check<T[]> =>
  (value, place) => {
    if (!Array.isArray(value)) return must(place, 'a list', value);
    if (value.length < least || value.length > most)
      throw place.error(
        `${place.name} must have ${least === most ? least : `${least} to ${most}`} items, not ${value.length}`,
      );
    return value.map((item, i) => check(item, new Inside(place, i)));
  };

/** An object with these fields; others are left out. */
export const record = <T extends object>(
  fields: {
    readonly [Name in keyof T]-?: Check<T[Name]>;
  },
): Check<T> => {
  const checks = Object.entries(fields) as [string, Check<unknown>][];
  return (value, place) => {
    const given = object(value, place);
    const checked: Record<string, unknown> = {};
    for (const [name, check] of checks) {
      const field = check(given[name], new Inside(place, name));
      if (field !== undefined) checked[name] = field;
    }
    return checked as T;
  };
};

/** As `record`, of an object that has no other fields. */
export const strictRecord = <T extends object>(fields: Parameters<typeof record<T>>[0]): Check<T> => {
  const checked = record<T>(fields);
  const names = Object.keys(fields);
  return (value, place) => {
    const stray = Object.keys(object(value, place)).find((name) => !names.includes(name));
    if (stray !== undefined)
      throw place.error(
        `${place.name} has no field ${shown(stray)}; ${names.length === 0 ? 'it takes no fields' : `it takes ${names.join(', ')}`}`,
      );
    return checked(value, place);
  };
};

/** An object that is no array. */
export const object: Check<Readonly<Record<string, unknown>>> = (value, place) =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value)
    ? (value as Record<string, unknown>)
    : must(place, 'an object', value);

/** A typed array of one kind, also one of another realm. */
const typed =
  <T>(kind: string): Check<T> =>
  (value, place) =>
    ArrayBuffer.isView(value) && kindOf(value) === kind ? (value as T) : must(place, `a ${kind}`, value);

export const bytes: Check<Uint8Array> = typed('Uint8Array');
export const floats: Check<Float32Array> = typed('Float32Array');

/** Numbers in an array of any kind. */
export const numbers: Check<ArrayLike<number>> = (value, place) =>
  Array.isArray(value) || (ArrayBuffer.isView(value) && 'length' in value)
    ? (value as unknown as ArrayLike<number>)
    : must(place, 'an array of numbers', value);

/** An instance of a class of this package. */
export const instance =
  <T>(Kind: { readonly name: string; readonly prototype: T }): Check<T> =>
  (value, place) =>
    value instanceof (Kind as unknown as abstract new () => T) ? value : must(place, `a ${Kind.name}`, value);

/** A function. */
export const callable: Check<(...given: never[]) => unknown> = (value, place) =>
  typeof value === 'function' ? (value as () => unknown) : must(place, 'a function', value);

export const signal: Check<AbortSignal> = (value, place) =>
  typeof value === 'object' && value !== null && 'aborted' in value
    ? (value as AbortSignal)
    : must(place, 'an AbortSignal', value);

/** Checks an object of options. Errors name the option, without the name of the object. */
export function options(
  given: unknown,
  checks: Readonly<Record<string, Check<unknown>>>,
  name = 'options',
): void {
  const values = object(given, argument(name));
  for (const [option, check] of Object.entries(checks)) check(values[option], argument(option));
}
