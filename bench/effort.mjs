/** How much work a benchmark does: this depends on the kind of adapter and on `--quick`. */

/** A quick run on a GPU: fewer rounds of the same batches, because small batches would leave it idle. */
const QUICK = { rounds: 3, minSamples: 1, maxTime: 0.2, budget: 15 };

/** @param efforts `quick` and `full` of processors, and `hardware` */
export function effortOf({ quick, full, hardware }, gpu, isQuick) {
  if (gpu.adapter.class !== 'hardware') return isQuick ? quick : full;
  return isQuick ? { ...hardware, ...QUICK } : hardware;
}
