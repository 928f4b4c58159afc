/**
 * Measured data and golden files that are too large or not ours to ship. Tests that use them skip where they
 * are absent: `const path = referencePath('data/x.tsv.gz') ?? skip(referenceAbsent('data/x.tsv.gz'))`.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = process.env.RESIDUALBIND_DATA ?? fileURLToPath(new URL('../../../shared', import.meta.url));

/**
 * Where a reference file or folder lies, or undefined when it is absent.
 * @param relative path below the reference folder (`RESIDUALBIND_DATA`, else a folder beside the checkout),
 * which holds `data/` and `golden/`
 */
export function referencePath(relative: string): string | undefined {
  const path = join(ROOT, relative);
  return existsSync(path) ? path : undefined;
}

/** Why a test skips. */
export function referenceAbsent(relative: string): string {
  return `${relative} is absent; set RESIDUALBIND_DATA to the folder that holds it`;
}
