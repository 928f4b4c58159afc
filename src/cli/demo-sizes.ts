/**
 * Sizes of the demo by adapter, so that it takes minutes everywhere. Software adapters get a narrower model,
 * which also learns a planted motif.
 */

import type { AdapterClass } from '../device/adapter/adapter-info.js';

export interface DemoSizes {
  readonly filters: number;
  readonly hidden: number;
  readonly batch: number;
  readonly learningRate: number;
  /** Half of them train and validate, half test. */
  readonly probes: number;
  readonly epochs: number;
  readonly backgrounds: number;
}

const HARDWARE: DemoSizes = {
  filters: 96,
  hidden: 256,
  batch: 100,
  learningRate: 1e-3,
  probes: 20_000,
  epochs: 8,
  backgrounds: 200,
};
/** Small batches and a higher rate than the paper's learn in a few hundred steps. */
const LAVAPIPE: DemoSizes = {
  filters: 24,
  hidden: 32,
  batch: 50,
  learningRate: 5e-3,
  probes: 8_000,
  epochs: 4,
  backgrounds: 50,
};
const SWIFTSHADER: DemoSizes = { ...LAVAPIPE, filters: 16, epochs: 3, backgrounds: 20 };

/** @param quick about half the work, or less */
export function demoSizes(adapter: AdapterClass, quick: boolean): DemoSizes {
  switch (adapter) {
    case 'hardware':
      return quick ? { ...HARDWARE, epochs: 5, backgrounds: 50 } : HARDWARE;
    case 'lavapipe':
      return quick ? { ...LAVAPIPE, filters: 16, probes: 6_000, epochs: 3, backgrounds: 20 } : LAVAPIPE;
    default:
      return quick ? { ...SWIFTSHADER, probes: 6_000, backgrounds: 8 } : SWIFTSHADER;
  }
}
