/**
 * Figures of sweeps in several precisions besides time. Entries of `Figures.measure` with their `result`
 * become rows.
 */
import { relativeDifference } from './statistics.mjs';

/** What a sweep uses of the GPU besides time. */
export function countedRows(entries) {
  const rows = (figure, goal, key) =>
    entries
      .filter(({ result }) => result.work[key] !== undefined)
      .map(({ runner: { name, kind, precision }, result }) => ({
        figure,
        name,
        kind,
        precision,
        goal,
        value: result.work[key],
      }));
  return [
    ...rows('dispatches', 100, 'dispatches'),
    ...rows('bytes of memory a pair', 20_000, 'bytesPerPair'),
  ];
}

/** The error of a precision: its importances compared with those in f32. */
export function agreementRows(entries) {
  const reference = entries.find(({ runner }) => runner.precision === 'f32')?.result;
  const others = entries.filter(({ runner }) => runner.precision !== 'f32');
  if (!reference || others.length === 0) return [];
  const limits = { f16x2: 1e-5, f16: 2e-3 };
  const best = (mean) => [...mean.keys()].sort((a, b) => mean[b] - mean[a]).slice(0, 10);
  const expectedBest = best(reference.mean);
  const remarkOn = (found) => {
    if (found.some((kmer) => !expectedBest.includes(kmer))) return 'another top 10';
    return found.join() === expectedBest.join() ? 'the same top 10' : 'the same top 10, in another order';
  };
  return others.map(({ runner: { name, kind, precision }, result }) => ({
    figure: 'importance error',
    name,
    kind,
    precision,
    remark: remarkOn(best(result.mean)),
    goal: limits[precision],
    value: relativeDifference(result.mean, reference.mean),
  }));
}
