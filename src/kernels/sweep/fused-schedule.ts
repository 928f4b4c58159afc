/**
 * In which order a fused kernel computes the columns of a sweep's runs, so that few are kept at a time. A
 * dilation's residue classes do not meet until a stage whose dilation they do not divide by, so that one
 * class goes through the remaining stages before the next begins, and what it computes takes the places of
 * what it was computed from.
 */

import type { FusedShape, FusedStage } from './fused-sweep.js';

/** A column of a stage's run, and where its vectors are kept. */
export interface Kept {
  readonly column: number;
  readonly slot: number;
}

/** Columns that are computed together from all that they need of the run before. */
export interface ColumnGroup {
  /** Index in `FusedShape.stages`. */
  readonly stage: number;
  readonly inputs: readonly Kept[];
  /**
   * In the order of their residues, so that neighbours need the same inputs; those of the last stage are kept
   * nowhere.
   */
  readonly outputs: readonly (Omit<Kept, 'slot'> & { readonly slot?: number })[];
}

export interface Schedule {
  /** Where the first stage's run begins, by column. */
  readonly entry: readonly Kept[];
  readonly steps: readonly ColumnGroup[];
  /** Places that columns are kept in. */
  readonly slots: number;
}

const greatestCommonDivisor = (a: number, b: number): number =>
  b === 0 ? a : greatestCommonDivisor(b, a % b);

/** The schedule of a shape whose stages all have a run before them, but for the first. */
export function scheduleOf({ stages }: Pick<FusedShape, 'stages'>): Schedule {
  const dilations = stages.map(({ before }) => before?.dilation ?? 1);
  const last = stages.length - 1;
  /** Positions of columns 0, counted from that of the first stage. */
  const starts = stages.map((_, stage) =>
    stages.slice(0, stage + 1).reduce((start, { before }) => start - (before?.offset ?? 0), 0),
  );
  const residue = (stage: number, column: number, modulus: number): number => {
    const position = starts[stage]! + column;
    return ((position % modulus) + modulus) % modulus;
  };
  const columnsOf = (stage: number, modulus: number, of: number): number[] =>
    Array.from({ length: stages[stage]!.columns }, (_, column) => column).filter(
      (column) => residue(stage, column, modulus) === of,
    );
  /** By how much columns lie apart that meet in a stage or after it. */
  const apart = (stage: number): number => dilations.slice(stage).reduce(greatestCommonDivisor);

  const slots = new Slots();
  const places = stages.map(({ columns }) => new Array<number>(columns).fill(0));
  const entry = columnsOf(0, 1, 0).map((column) => ({ column, slot: slots.take() }));
  for (const { column, slot } of entry) places[0]![column] = slot;
  const steps: ColumnGroup[] = [];
  const visit = (stage: number, modulus: number, of: number): void => {
    const inputs = columnsOf(stage - 1, modulus, of).map((column) => ({
      column,
      slot: places[stage - 1]![column]!,
    }));
    for (const { slot } of inputs) slots.free(slot);
    const order = (column: number): number => residue(stage, column, dilations[stage]!);
    const outputs = columnsOf(stage, modulus, of)
      .sort((a, b) => order(a) - order(b) || a - b)
      .map((column) => {
        if (stage === last) return { column };
        const slot = slots.take();
        places[stage]![column] = slot;
        return { column, slot };
      });
    if (outputs.length > 0) steps.push({ stage, inputs, outputs });
    if (stage === last) return;
    // The last stage keeps nothing, so that all classes of what came before can be computed at once.
    const next = stage + 1 === last ? modulus : apart(stage + 1);
    for (let r = of; r < next; r += modulus) visit(stage + 1, next, r);
  };
  for (let r = 0; r < apart(1); r++) visit(1, apart(1), r);
  return { entry, steps, slots: slots.most };
}

/** Numbered places, the lowest free one first. */
class Slots {
  readonly #free: number[] = [];
  most = 0;

  take(): number {
    if (this.#free.length === 0) return this.most++;
    this.#free.sort((a, b) => a - b);
    return this.#free.shift()!;
  }

  free(slot: number): void {
    this.#free.push(slot);
  }
}

/** Whether a stage adds a product of an input column and a tap's matrix to an output column. */
export const adds = ({ before }: FusedStage, input: number, tap: number, output: number): boolean =>
  before !== undefined && input + before.offset + (1 - tap) * before.dilation === output;
