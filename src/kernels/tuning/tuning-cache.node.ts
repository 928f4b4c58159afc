/**
 * What `residualbind tune` found, kept in the user's cache directory: one JSON file per adapter. A file's
 * name depends on the adapter as it describes itself (name with driver version, vendor, architecture, class,
 * subgroup size); its contents say for which versions of this package, of Dawn and of the kernels' text it
 * was measured. A file that does not fit is ignored, never an error.
 */

import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import {
  checkPrivateFolder,
  makePrivateFolder,
  readOwnFile,
  userCache,
} from '../../device/adapter/user-cache.node.js';
import { echo, shortened } from '../../device/echo.js';
import { FormatError } from '../../device/errors.js';
import type { Gpu } from '../../device/gpu.js';
import { versions } from '../../device/versions.node.js';
import { writeAtomically } from '../../device/write-atomically.node.js';
import { candidatesOf, sameVariant } from '../matrix/candidates.js';
import {
  MATRIX_KERNELS,
  type MatrixKernel,
  type MatrixVariant,
  useVariants,
  type VariantTable,
  variantTable,
} from '../matrix/variants.js';
import { shaders } from '../shaders.generated.js';

const FORMAT = 'residualbind tuning 1';

/** What the measured times depend on. */
interface Origin {
  readonly adapter: Gpu['adapter'];
  readonly versions: { readonly 'residualbind-webgpu': string; readonly webgpu: string };
  /** SHA-256 of the WGSL of the matrix kernels and of the built-in table of variants. */
  readonly kernels: string;
}

/** What was found for an adapter. */
export interface Tuned {
  readonly path: string;
  /** Variants of the kernels that were measured, also where the built-in variant was fastest. */
  readonly variants: Partial<VariantTable>;
  /** When, as an ISO date. */
  readonly measured: string;
}

/** The adapter's file. @throws FileError when the user has no home directory */
export function tuningFile({ adapter }: Gpu): string {
  const words = adapter.name.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  const name = `${words.slice(0, 60).replace(/^-|-$/g, '')}-${sha256(JSON.stringify(adapter)).slice(0, 8)}`;
  return userCache('tuning', `${name}.json`);
}

async function originOf({ adapter }: Gpu): Promise<Origin> {
  const { 'residualbind-webgpu': own, webgpu } = await versions();
  const texts = Object.entries(shaders).filter(([name]) => name.startsWith('conv1d'));
  const kernels = sha256(
    JSON.stringify([texts.map(([name, { code }]) => [name, code]), variantTable(adapter)]),
  );
  return { adapter, versions: { 'residualbind-webgpu': own, webgpu }, kernels };
}

/**
 * What was found for this adapter; undefined when nothing was.
 *
 * @throws FormatError when the file is damaged or was measured for something else; UntrustedFileError when
 * other users can change it; Error when it cannot be read
 */
export async function readTuned(gpu: Gpu): Promise<Tuned | undefined> {
  const path = tuningFile(gpu);
  let text: string;
  try {
    await checkPrivateFolder(dirname(path));
    text = String(await readOwnFile(path));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const { format, origin, measured, variants } = parse(path, text);
  if (format !== FORMAT) throw new FormatError(`${path}: is not of the format "${FORMAT}"`);
  if (JSON.stringify(origin) !== JSON.stringify(await originOf(gpu)))
    throw new FormatError(`${path}: was measured for other versions of the kernels, the package or Dawn`);
  if (typeof measured !== 'string' || Number.isNaN(Date.parse(measured)))
    throw new FormatError(`${path}: "measured" is not a date`);
  return { path, variants: checked(path, variants, gpu), measured };
}

function parse(path: string, text: string): Record<string, unknown> {
  const refuse = (cause?: unknown): never => {
    throw new FormatError(`${path}: is not a JSON object`, { cause });
  };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    refuse(error);
  }
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : refuse();
}

/** Accepts only variants that `tune` could have chosen: any other might compute wrong results. */
function checked(path: string, variants: unknown, { adapter }: Gpu): Partial<VariantTable> {
  if (typeof variants !== 'object' || variants === null)
    throw new FormatError(`${path}: "variants" is missing`);
  const entries = Object.entries(variants).map(([name, value]: [string, unknown]) => {
    const kernel = MATRIX_KERNELS.find((known) => known === name);
    if (!kernel) throw new FormatError(`${path}: there is no kernel ${echo(name)}`);
    const isObject = typeof value === 'object' && value !== null;
    const variant =
      isObject && candidatesOf(kernel, adapter).find((known) => sameVariant(known, value as MatrixVariant));
    if (!variant)
      throw new FormatError(`${path}: ${kernel} has no variant ${shortened(JSON.stringify(value))}`);
    return [kernel, variant] as const;
  });
  return Object.fromEntries(entries);
}

/** Stores what was found, and keeps what an earlier run found for other kernels. @returns the file */
export async function writeTuned(gpu: Gpu, found: Partial<VariantTable>): Promise<string> {
  const path = tuningFile(gpu);
  const earlier = await readTuned(gpu).catch(() => undefined);
  const variants = { ...earlier?.variants, ...found };
  const contents = {
    format: FORMAT,
    origin: await originOf(gpu),
    measured: new Date().toISOString(),
    variants,
  };
  await makePrivateFolder(dirname(path));
  await writeAtomically(path, `${JSON.stringify(contents, null, 2)}\n`);
  return path;
}

/** Removes the adapter's file. @returns whether there was one */
export async function clearTuned(gpu: Gpu): Promise<boolean> {
  try {
    await rm(tuningFile(gpu));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

/** The kernels whose tuned variant is not the table's. */
export const replaced = ({ adapter }: Gpu, variants: Partial<VariantTable>): MatrixKernel[] =>
  MATRIX_KERNELS.filter((kernel) => {
    const variant = variants[kernel];
    return variant !== undefined && !sameVariant(variant, variantTable(adapter)[kernel]);
  });

/**
 * Puts in use what `residualbind tune` found for this adapter.
 *
 * @returns what is in use beyond the table; undefined when nothing was found
 * @throws as `readTuned`; nothing is changed then
 */
export async function useTuned(gpu: Gpu): Promise<Tuned | undefined> {
  const tuned = await readTuned(gpu);
  if (tuned) useVariants(gpu, tuned.variants);
  return tuned;
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
