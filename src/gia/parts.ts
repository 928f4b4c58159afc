/**
 * An analysis in parts, one after the other: sets of patterns that share nothing worth keeping, such as the
 * k-mers of every position. A part's background columns are a five-hundredth of its arithmetic, so each part
 * computes its own.
 */

import { CancelledError } from '../device/errors.js';
import type { Backgrounds } from './backgrounds/backgrounds.js';
import { type ImportanceOptions, type ImportanceResult, importance } from './importance.js';
import type { NaiveReason } from './method.js';
import type { Model } from './model.js';
import type { Pattern } from './patterns/patterns.js';
import { SweepCancelledError, type SweepCosts, type SweepState } from './sweep/state.js';

/** How a sweep in several parts runs, and where it goes on. */
export interface PartsOptions extends Omit<ImportanceOptions, 'resume' | 'onCheckpoint'> {
  /** States of the parts begun, in order: all but the last are finished. */
  readonly resume?: readonly SweepState[] | undefined;
  /** Called as `onCheckpoint` of `importance` is, and after every part. */
  readonly onCheckpoint?: ((states: readonly SweepState[]) => void | Promise<void>) | undefined;
}

/** What a sweep in several parts found, part by part. */
export interface PartsResult {
  readonly methods: readonly ImportanceResult['method'][];
  /** Why parts were computed by `naive` although the method was left open. */
  readonly reasons: readonly NaiveReason[];
  /** Of every part, over all backgrounds. */
  readonly states: readonly SweepState[];
  readonly work: SweepCosts;
}

/** What ended early had seen of the parts begun. */
export class PartsCancelledError extends CancelledError {
  constructor(
    message: string,
    /** Where every part stopped, to go on from. */
    readonly states: readonly SweepState[],
  ) {
    super(message);
  }
}

/**
 * Global importance of every part's patterns over the same backgrounds.
 *
 * @throws PartsCancelledError with the states reached; and what `importance` throws
 */
export async function importanceOfParts(
  model: Model,
  parts: readonly (readonly Pattern[])[],
  backgrounds: Backgrounds,
  { resume = [], onCheckpoint, onProgress, ...options }: PartsOptions = {},
): Promise<PartsResult> {
  const { count } = backgrounds;
  const states: SweepState[] = [];
  const methods: ImportanceResult['method'][] = [];
  const reasons: NaiveReason[] = [];
  const work = { pairs: 0, dispatches: 0, submits: 0 };
  /** Undefined once a part does not tell them. */
  let multiplyAdds: number | undefined = 0;
  /** Bytes of all pairs that moved any that were counted, and those pairs. */
  const moved = { bytes: 0, pairs: 0 };
  const total = parts.reduce((sum, { length }) => sum + length * count, 0);
  let before = 0;
  for (const [i, patterns] of parts.entries()) {
    const begun = resume[i];
    if (begun?.backgrounds === count) {
      states.push(begun);
    } else {
      const result = await importance(model, patterns, backgrounds, {
        ...options,
        resume: begun,
        onProgress: ({ done }) => onProgress?.({ done: before + done, total }),
        onCheckpoint: onCheckpoint && ((state) => onCheckpoint([...states, state])),
      }).catch((error) => {
        if (!(error instanceof SweepCancelledError)) throw error;
        const message =
          parts.length === 1 ? error.message : `${error.message} of part ${i + 1} of ${parts.length}`;
        throw new PartsCancelledError(message, [...states, error.state]);
      });
      states.push(result.state);
      methods.push(result.method);
      if (result.reason) reasons.push(result.reason);
      for (const field of ['dispatches', 'submits'] as const) work[field] += result.work[field];
      const { bytesPerPair, pairs } = result.work;
      const added = result.work.multiplyAdds;
      if (added === undefined) multiplyAdds = undefined;
      else if (multiplyAdds !== undefined) multiplyAdds += added;
      if (bytesPerPair !== undefined) {
        moved.bytes += bytesPerPair * pairs;
        moved.pairs += pairs;
      }
      if (parts.length > 1) await onCheckpoint?.(states);
    }
    before += patterns.length * count;
    work.pairs += patterns.length * count;
  }
  const bytes = moved.pairs > 0 ? { bytesPerPair: moved.bytes / moved.pairs } : {};
  return {
    methods: [...new Set(methods)],
    reasons: [...new Set(reasons)],
    states,
    work: { ...work, ...(multiplyAdds !== undefined && { multiplyAdds }), ...bytes },
  };
}
