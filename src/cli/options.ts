/** Option values that commander checks, and the options that every command has. */

import { type Command, InvalidArgumentError, Option } from 'commander';
import { PRECISIONS, type Precision } from '../device/precision.js';

export interface CommonOptions {
  readonly json?: boolean;
  readonly debug?: boolean;
}

export interface AdapterOptions extends CommonOptions {
  readonly adapter?: string;
  /** Say what the adapter search tried. */
  readonly verbose?: boolean;
}

export interface ProfileOptions {
  readonly profile?: boolean;
  readonly trace?: string;
}

export interface GpuFlags extends AdapterOptions {
  /** Of sweeps and predictions, on the commands that ask for it. */
  readonly precision?: Precision;
  /** False: kernels by the table, whatever `tune` found. */
  readonly tuned?: boolean;
}

export interface SeededOptions {
  readonly seed: number;
}

/** --json and --debug. */
export const withCommon = (command: Command): Command =>
  command
    .option('--json', 'print one JSON object on stdout; messages and progress stay on stderr')
    .option('--debug', 'print the stack of an error');

/** --no-tuned, --adapter, --verbose, --json and --debug. */
export const withGpu = (command: Command): Command =>
  withAdapter(
    command.option('--no-tuned', 'ignore what tune found for the adapter (also RESIDUALBIND_TUNED=0)'),
  );

/** --adapter, --verbose, --json and --debug. */
export const withAdapter = (command: Command): Command =>
  withCommon(
    command
      .option(
        '--adapter <name>',
        "hardware, lavapipe, swiftshader or part of an adapter's name (default: $RESIDUALBIND_ADAPTER, else the fastest)",
      )
      .option('--verbose', 'print which adapters were tried, and why each was not used'),
  );

/** --profile and --trace. */
export const withProfile = (command: Command): Command =>
  command
    .option(
      '--profile',
      "print how long stages and kernels take, and how close kernels come to the adapter's peak arithmetic and bandwidth",
    )
    .option(
      '--trace <file>',
      'like --profile, and write a trace for chrome://tracing or ui.perfetto.dev',
      outputPath,
    );

/** Either option asks for a profile. */
export const wantsProfile = ({ profile, trace }: ProfileOptions): boolean =>
  profile === true || trace !== undefined;

export const withSeed = (command: Command, what: string): Command =>
  command.option('--seed <n>', `seed of ${what}`, seed, 1);

/** One of a few words. */
export const choice = (
  flags: string,
  description: string,
  words: readonly string[],
  standard?: string,
): Option => {
  const option = new Option(flags, description).choices(words);
  return standard === undefined ? option : option.default(standard);
};

/** --precision, where predictions are made. */
export const precisionOption = (): Option =>
  choice(
    '--precision <name>',
    'operands of matrix products: f32, f16x2 (two halves per number) or f16, if the adapter has it (see doctor); sums are always f32, and the error is printed',
    PRECISIONS,
    'f32',
  );

/** --models-at-once, where many models are trained. */
export const modelsAtOnceOption = (): Option =>
  new Option(
    '--models-at-once <n>',
    'models that are trained side by side (default: as many as memory allows); results do not depend on it',
  ).argParser(positiveInteger);

/** --theme, where a page is written. */
export const themeOption = (): Option =>
  choice(
    '--theme <colours>',
    "colours of the page; auto follows the reader's system. Figures as files are always dark on white",
    ['auto', 'light', 'dark'],
    'auto',
  );

/** `Examples:` below a command's help, one command line each. */
export const examples = (...lines: string[]): string =>
  `\nExamples:\n${lines.map((line) => `  $ residualbind ${line}`).join('\n')}\n`;

/** The path of an output, which must have a name. */
export function outputPath(text: string): string {
  if (text === '') throw new InvalidArgumentError('It must name a file or a folder.');
  return text;
}

export function positiveInteger(text: string): number {
  const value = finite(text);
  if (!Number.isInteger(value) || value < 1)
    throw new InvalidArgumentError('It must be a whole number above 0.');
  return value;
}

export function wholeNumber(text: string): number {
  const value = finite(text);
  if (!Number.isInteger(value) || value < 0)
    throw new InvalidArgumentError('It must be a whole number, 0 or more.');
  return value;
}

export function finite(text: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!Number.isFinite(value)) throw new InvalidArgumentError('It must be a number.');
  return value;
}

export function positive(text: string): number {
  const value = finite(text);
  if (value <= 0) throw new InvalidArgumentError('It must be above 0.');
  return value;
}

/** Strictly between 0 and 1. */
export function fraction(text: string): number {
  const value = finite(text);
  if (value <= 0 || value >= 1) throw new InvalidArgumentError('It must lie between 0 and 1.');
  return value;
}

function seed(text: string): number {
  const value = wholeNumber(text);
  if (value > 0xffffffff) throw new InvalidArgumentError('It must be at most 4294967295.');
  return value;
}
