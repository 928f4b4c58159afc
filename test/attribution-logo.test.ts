/** Single sequences as logos. */

import { describe, expect, it } from 'vitest';
import { attributionLogo } from '../src/report/figures/attribution-logo.js';

describe('attributionLogo', () => {
  it('breaks long sequences into lines of one scale, numbered on', () => {
    const letters = 'ACGU'.repeat(50);
    const heights = Array.from(letters, (_, i) => (i === 150 ? 4 : 1));
    const of = { name: 'long', sequence: letters, offset: 0, prediction: 1, scores: {}, heights };
    const svg = attributionLogo(of);
    const lines = svg.split('<g transform="translate(0 ').slice(1);
    const [width, height] = [/ width="([\d.]+)"/, / height="([\d.]+)"/].map((part) =>
      Number(part.exec(svg)![1]),
    );
    expect(width).toBeCloseTo(732, 0);
    expect(lines.map((line) => Number.parseFloat(line))).toEqual([0, height! / 3, (2 * height!) / 3]);
    expect(lines.map((line) => line.match(/data-letter/g)!.length)).toEqual([67, 67, 66]);
    // The axis of every line reaches the highest letter of all.
    for (const line of lines) expect(line).toMatch(/>4<\/text>/);
    expect(lines[1]).toContain('data-tip="68: U 1"');
    expect(lines[2]).toContain('data-tip="151: G 4"');
    // Arcs of a structure join letters of one line.
    expect(attributionLogo({ ...of, structure: '.'.repeat(200) })).not.toContain(
      '<g transform="translate(0 ',
    );
    expect(attributionLogo({ ...of, sequence: letters.slice(0, 80) })).not.toContain(
      '<g transform="translate(0 ',
    );
  });
});
