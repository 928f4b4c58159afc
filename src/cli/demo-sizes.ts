/**
 * How large the demo is on which adapter, so that it takes minutes anywhere. Software adapters get a narrower model,
 * which learns a planted motif just as surely.
 */

import type { AdapterClass } from '../device/adapter-info.js';

export interface DemoSizes {
  readonly filters: number;
  readonly hidden: number;
  readonly batch: number;
  /** Half of them train and validate, half test. */
  readonly probes: number;
  readonly epochs: number;
  readonly backgrounds: number;
}

const HARDWARE = { filters: 96, hidden: 256, batch: 100, probes: 20_000, epochs: 8, backgrounds: 200 };
const LAVAPIPE = { filters: 24, hidden: 32, batch: 50, probes: 8_000, epochs: 6, backgrounds: 50 };
const SWIFTSHADER = { filters: 16, hidden: 32, batch: 50, probes: 8_000, epochs: 6, backgrounds: 20 };

/** @param quick about a third of the work */
export function demoSizes(adapter: AdapterClass, quick: boolean): DemoSizes {
  switch (adapter) {
    case 'hardware':
      return quick ? { ...HARDWARE, epochs: 5, backgrounds: 50 } : HARDWARE;
    case 'lavapipe':
      return quick ? { ...LAVAPIPE, filters: 16, epochs: 5, backgrounds: 20 } : LAVAPIPE;
    default:
      return quick ? { ...SWIFTSHADER, filters: 12, probes: 6_000, epochs: 5, backgrounds: 8 } : SWIFTSHADER;
  }
}
