/**
 * What all exported pictures have in common: dark ink on white whatever the system prefers, and XML whatever
 * the labels.
 */

import { describe, expect, it, vi } from 'vitest';
import type { LetterHeights } from '../src/gia/motif/index.js';
import { attributionLogo } from '../src/report/figures/attribution-logo.js';
import { hairpinScheme } from '../src/report/figures/hairpin-scheme.js';
import { svgToPng } from '../src/report/figures/png.node.js';
import { printable } from '../src/report/figures/svg.js';
import {
  barChart,
  boxPlot,
  boxSummary,
  dotPlot,
  heatMap,
  histogram,
  lineChart,
  scatterPlot,
  sequenceLogo,
} from '../src/report/index.js';
import { elementsOf, FORBIDDEN, labels } from './support/svg.js';

const DESIGN = { length: 41, start: 5, arm: 11, loop: 6, inLoop: 16, inStem: 7 };
const HEIGHTS: LetterHeights = [
  [1, 0, 0.5, 0.25],
  [0, 2, 0, 0],
];

/** Every kind of picture, with labels wherever it takes any. */
const PICTURES: Readonly<Record<string, (label: () => string) => Promise<string>>> = {
  bars: async (label) =>
    (
      await barChart(
        [1, 2].map((value) => ({ name: label(), value, low: 0, high: 3, series: label() })),
        { title: label(), xLabel: label(), yLabel: label() },
      )
    ).svg,
  boxes: async (label) =>
    (
      await boxPlot(
        [1, 2, 3].map((value) => boxSummary(label(), [value, 2 * value])),
        { title: label(), xLabel: label(), yLabel: label(), fit: { slope: 1, intercept: 0 }, range: [0, 9] },
      )
    ).svg,
  'heat map': async (label) =>
    (
      await heatMap(
        [-1, 2].map((value) => ({ x: label(), y: label(), value })),
        { title: label(), xLabel: label(), yLabel: label(), valueLabel: label() },
      )
    ).svg,
  dots: async (label) =>
    (
      await dotPlot(
        [label(), label()].flatMap((name) => [1, 2].map((value) => ({ name, value, series: `${value}` }))),
        { title: label(), xLabel: label(), yLabel: label() },
      )
    ).svg,
  histogram: async (label) =>
    (
      await histogram(
        { [label()]: [1, 2, 3], [label()]: [2, 3, 4] },
        { title: label(), xLabel: label(), yLabel: label() },
      )
    ).svg,
  lines: async (label) =>
    (
      await lineChart(
        [label(), label()].flatMap((series) => [1, 2].map((x) => ({ x, y: x, low: 0, high: 3, series }))),
        { title: label(), xLabel: label(), yLabel: label() },
      )
    ).svg,
  identity: async (label) =>
    (
      await scatterPlot(
        [1, 2, 3].map((x) => ({ x, y: x * x, series: 'near' })),
        {
          title: label(),
          xLabel: label(),
          yLabel: label(),
          guide: 'identity',
          colours: { near: '#dc3d43', far: '#7d8590' },
          legend: label(),
        },
      )
    ).svg,
  scatter: async (label) =>
    (
      await scatterPlot(
        [1, 2, 3].map((x) => ({ x, y: x * x, label: label(), name: label(), series: label() })),
        { title: label(), xLabel: label(), yLabel: label() },
      )
    ).svg,
  logo: async (label) =>
    sequenceLogo(HEIGHTS, {
      title: label(),
      yLabel: label(),
      positions: [label(), label()],
      structure: { unpaired: [0.5, 1] },
      mutations: { changes: HEIGHTS, wildType: 'GC', label: label() },
    }),
  attribution: async (label) =>
    attributionLogo({
      name: label(),
      sequence: 'GCA',
      offset: 0,
      prediction: 1,
      scores: { A: [1, 2, 0], C: [1, 0, 2], G: [0, 1, 1], U: [1, 1, 1] },
      heights: [1, 2, 3],
      structure: '(.)',
    }),
  hairpin: async () => hairpinScheme(DESIGN, 'GCUGGC'),
};

describe.each(Object.entries(PICTURES))('%s', (_, draw) => {
  const plain = () => {
    let next = 0;
    return () => `label ${next++}`;
  };

  it('is dark ink on a white ground, asks nobody what they prefer, and is drawn without a warning', async () => {
    const warned = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const svg = await draw(plain());
    expect(warned).not.toHaveBeenCalled();
    warned.mockRestore();
    expect(svg).not.toMatch(/prefers-color-scheme|@media|<style|light-dark/);
    const [root, title, ground] = elementsOf(svg);
    expect(root).toMatchObject({ tag: 'svg', attributes: { color: '#1f2328', role: 'img' } });
    const { width, height, viewBox } = root!.attributes;
    expect(viewBox).toBe(`0 0 ${width} ${height}`);
    expect(title!.tag).toBe('title');
    expect(ground).toMatchObject({
      tag: 'rect',
      attributes: { class: 'ground', width, height, fill: '#ffffff' },
    });
  });

  it('is XML for any labels, without control characters, and unlike any other has the ids it refers to', async () => {
    for (let seed = 1; seed <= 15; seed++) {
      const given = labels(40, seed);
      let next = 0;
      const svg = await draw(() => given[next++]!);
      expect(svg, `seed ${seed}`).not.toMatch(FORBIDDEN);
      const elements = elementsOf(svg);
      expect(elements.filter(({ tag }) => tag === 'svg')).toHaveLength(1);
      expect(elements.some(({ tag }) => tag === 'script')).toBe(false);
      const ids = new Set(elements.flatMap(({ attributes }) => attributes.id ?? []));
      for (const { attributes } of elements)
        for (const name of ['fill', 'stroke', 'clip-path']) {
          const to = /^url\(#(.*)\)$/.exec(attributes[name] ?? '')?.[1];
          if (to !== undefined) expect(ids).toContain(to);
        }
    }
  });
});

describe('labels of charts', () => {
  it('are shown as they are, also where they look like the names of Vega’s own parts', async () => {
    const names = ['clip1', 'gradient_0', 'url(#clip1)', 'x id="clip1"'];
    const { svg } = await boxPlot(
      names.map((name) => boxSummary(name, [1, 2, 3])),
      { title: 'fill="url(#clip1)"', xLabel: 'clip2', yLabel: 'y' },
    );
    const texts = elementsOf(svg).map(({ text }) => text);
    for (const shown of [...names, 'clip2', 'fill="url(#clip1)"']) expect(texts).toContain(shown);
  });

  it('keep in the rows what they are in the data', async () => {
    const { svg, rows } = await barChart([{ name: 'a\u001bb', value: 1 }], {
      title: 't',
      xLabel: 'x',
      yLabel: 'y',
    });
    expect(rows[0]!.name).toBe('a\u001bb');
    expect(svg).toContain('>a\ufffdb</text>');
  });
});

describe('printable', () => {
  it('puts U+FFFD in place of what cannot be printed, one for one, and leaves all else', () => {
    expect(printable('\u001b[31mred\u009b0m\u0000')).toBe('\ufffd[31mred\ufffd0m\ufffd');
    expect(printable('\u202eGUC\u2066\u200f')).toBe('\ufffdGUC\ufffd\ufffd');
    expect(printable('\ud800a\udc00 \udc00\ud800')).toBe('\ufffda\ufffd \ufffd\ufffd');
    const fine = 'Ü 日本 \ud83d\ude00 5′ ‑ − “q” a\tb\nc שלום مرحبا';
    expect(printable(fine)).toBe(fine);
  });
});

describe('svgToPng', () => {
  it('has a white ground unless another is asked for', async () => {
    const { Resvg } = await import('@resvg/resvg-js');
    const cornerOf = async (options: Parameters<typeof svgToPng>[1]) => {
      const png = Buffer.from(await svgToPng(await PICTURES.logo!(() => 'x'), options)).toString('base64');
      const shown = `<svg xmlns="http://www.w3.org/2000/svg" width="200" height="200"><image width="200" height="200" preserveAspectRatio="none" href="data:image/png;base64,${png}"/></svg>`;
      return [...new Resvg(shown).render().pixels.subarray(0, 4)];
    };
    expect(await cornerOf({})).toEqual([255, 255, 255, 255]);
    expect(await cornerOf({ background: '#ff0000' })).toEqual([255, 0, 0, 255]);
    expect((await cornerOf({ background: 'transparent' }))[3]).toBe(0);
  });
});
