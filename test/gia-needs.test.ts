/**
 * Work that needs more than there is: refused before anything is drawn, with what it needs and what to
 * change.
 */

import { describe, expect, it } from 'vitest';
import { simulateProbes } from '../src/data/simulation/simulate.js';
import { ArgumentError, OutOfMemoryError, ShapeError } from '../src/device/errors.js';
import { checkHostMemory, hostMemory, inBytes } from '../src/device/host-memory.js';
import { makeBackgrounds } from '../src/gia/backgrounds/backgrounds.js';
import { checkNeeds, type Needs } from '../src/gia/needs.js';
import { bootstrapIntervals } from '../src/gia/statistics/bootstrap.js';

const NEEDS: Needs = { patterns: 4096, backgrounds: 1000, length: 41, models: 1, bindable: 2 ** 27 };

describe('checkNeeds', () => {
  it('takes what the paper does', () => {
    expect(() => checkNeeds(NEEDS)).not.toThrow();
    expect(() => checkNeeds({ ...NEEDS, keepLocal: true })).not.toThrow();
  });

  it('refuses more pairs than have numbers, with arithmetic and time', () => {
    const huge = { ...NEEDS, patterns: 4 ** 8, backgrounds: 99_999_999, multiplyAdds: () => 5e5 };
    expect(() => checkNeeds(huge)).toThrow(ShapeError);
    expect(() => checkNeeds(huge)).toThrow(
      /65,536 patterns in 99,999,999 backgrounds are 6\.6 × 10\^12 pairs and about 3\.3 × 10\^18 multiply-adds \(4 days .*at most 65,535 backgrounds \(--backgrounds\)/,
    );
    const edge = { ...NEEDS, patterns: 2 ** 16, bindable: 2 ** 40 };
    expect(() => checkNeeds({ ...edge, backgrounds: 2 ** 16 - 1 })).not.toThrow();
    expect(() => checkNeeds({ ...edge, backgrounds: 2 ** 16 })).toThrow(ShapeError);
  });

  it('refuses backgrounds that no buffer of the adapter holds, to the last one', () => {
    const most = Math.floor(2 ** 27 / 41);
    expect(() => checkNeeds({ ...NEEDS, patterns: 5, backgrounds: most })).not.toThrow();
    expect(() => checkNeeds({ ...NEEDS, patterns: 5, backgrounds: most + 1 })).toThrow(OutOfMemoryError);
    expect(() => checkNeeds({ ...NEEDS, patterns: 5, backgrounds: most + 1 })).toThrow(
      /take 130 MB in one buffer.*at most 3,273,603 backgrounds \(--backgrounds\)/,
    );
  });

  it('refuses local importances that the machine cannot hold', () => {
    const local = { ...NEEDS, patterns: 4 ** 8, backgrounds: 60_000, bindable: 2 ** 40, models: 50 };
    expect(() => checkNeeds({ ...local, keepLocal: true })).toThrow(
      /all local importances kept, needs 2\.4 TB of memory, and this machine has .*--local, --bootstrap/,
    );
    expect(() => checkNeeds({ ...local, models: 1, keepLocal: false })).not.toThrow();
  });
});

describe('memory of the host', () => {
  it('is known, and what needs more is refused', () => {
    expect(hostMemory()).toBeGreaterThan(2 ** 28);
    expect(() => checkHostMemory(10, 'a thing', 'make it smaller', 10)).not.toThrow();
    expect(() => checkHostMemory(2.5e9, 'a thing', 'make it smaller', 1e6)).toThrow(
      'a thing needs 2.5 GB of memory, and this machine has 1 MB; make it smaller',
    );
    expect([0, 999, 1000, 1.5e12, 3e18].map(inBytes)).toEqual([
      '0 bytes',
      '999 bytes',
      '1 kB',
      '1.5 TB',
      '3,000 PB',
    ]);
  });

  it.each([
    [
      'backgrounds',
      () => makeBackgrounds({ kind: 'uniform', count: 1e13, length: 41, seed: 1 }),
      /--backgrounds/,
    ],
    ['probes', () => simulateProbes({ count: 1e12 }), /--probes/],
  ])('refuses %s by the million million at once', (_, work, advice) => {
    expect(work).toThrow(OutOfMemoryError);
    expect(work).toThrow(advice);
  });

  it('refuses more resamples than can be drawn', () => {
    const work = () => bootstrapIntervals(new Float32Array(2000), 1000, { resamples: 1e9 });
    expect(work).toThrow(ArgumentError);
    expect(work).toThrow(/--bootstrap/);
  });
});
