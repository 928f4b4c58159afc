/** How much a benchmark does: by what computes, and by how long anyone wants to wait. */

/** A GPU's quick run: fewer rounds of the same batches, since small ones would leave it idle. */
const QUICK = { rounds: 3, minSamples: 1, maxTime: 0.2, budget: 15 };

/** @param efforts `quick` and `full` of processors, and `hardware` */
export function effortOf({ quick, full, hardware }, gpu, isQuick) {
  if (gpu.adapter.class !== 'hardware') return isQuick ? quick : full;
  return isQuick ? { ...hardware, ...QUICK } : hardware;
}
