/** `--structure`: the structure of embedded sequences. The choice is printed before the work and recorded. */

import type { Option } from 'commander';
import { count } from '../../device/count.js';
import type { Backgrounds } from '../../gia/backgrounds/backgrounds.js';
import { foldingRate, isStructured, TREATMENTS, type Treatment } from '../../gia/structure.js';
import { contextsOf } from '../../nn/contexts.js';
import type { ModelFile } from '../../nn/files/model-files.node.js';
import type { ResidualBind } from '../../nn/residualbind.js';
import { TREATMENTS_IN_WORDS } from '../../report/structure-words.js';
import { choice } from '../options.js';
import { UsageError } from '../terminal/errors.js';
import { type Io, note } from '../terminal/io.js';
import { duration } from '../terminal/progress.js';

interface StructureOptions {
  readonly structure?: Treatment | undefined;
}

export const structureOption = (): Option =>
  choice(
    '--structure <what>',
    'for models with structure channels: fold every embedded sequence anew, or keep the structure of its background, which is much faster (default: fold)',
    TREATMENTS,
  );

/** @throws UsageError for a model that sees letters only */
export function checkStructure({ path, architecture }: ModelFile, { structure }: StructureOptions): void {
  if (structure !== undefined && !contextsOf(architecture))
    throw new UsageError(
      `${path}: the model sees letters and no structure, so leave out --structure ${structure}`,
    );
}

/** The part of a manifest about structure; empty for models that see letters only. */
export function structureRecord(
  { architecture }: Pick<ModelFile, 'architecture'>,
  { structure = 'fold' }: StructureOptions,
) {
  const contexts = contextsOf(architecture);
  return contexts ? { structure: { contexts, embedded: structure } } : {};
}

/** Time is estimated for this many foldings or more. */
const MANY = 20_000;

/**
 * Says how structure is treated, and where many sequences are folded, how long that takes.
 *
 * @param patterns those that are known; experiments have some more
 */
export async function noteStructure(
  io: Io,
  model: ResidualBind,
  backgrounds: Backgrounds,
  patterns: number,
  { structure = 'fold' }: StructureOptions,
  files: readonly ModelFile[],
): Promise<void> {
  if (!isStructured(model)) return;
  note(io, `structure: ${TREATMENTS_IN_WORDS[structure]}`);
  const fromFiles = files.filter(({ facts }) => facts.structure?.source === 'file');
  if (fromFiles.length > 0)
    note(
      io,
      `${files.length === 1 ? '' : `${fromFiles.map(({ path }) => path).join(', ')}: `}the model was trained on structure profiles from files; here this program folds the sequences, and its profiles may differ`,
    );
  if (files.some(({ facts }) => !facts.structure))
    note(
      io,
      "the model's file does not say which structure profiles it was trained on; here this program folds the sequences, and its profiles may differ",
    );
  const foldings = patterns * backgrounds.count;
  if (structure === 'keep' || foldings < MANY) return;
  const rate = await foldingRate(model, io.signal);
  note(
    io,
    `up to ${count(foldings, 'embedded sequence')} are folded, in about ${duration(foldings / rate)} here (${Math.round(rate).toLocaleString('en')} a second); --structure keep folds the backgrounds only`,
  );
}
