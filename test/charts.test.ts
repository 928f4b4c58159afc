/**
 * Charts: the numbers behind the marks against hand-worked ones, and SVG that is well-formed and holds the
 * marks.
 */

import { describe, expect, it, vi } from 'vitest';
import { NotFiniteError, ShapeError } from '../src/device/errors.js';
import {
  barChart,
  boxPlot,
  boxSummary,
  dotPlot,
  heatMap,
  histogram,
  histogramBins,
  lineChart,
  rowsToTsv,
  scatterPlot,
  violinPlot,
} from '../src/report/index.js';
import { elements, expectDressed, marks, OPTIONS } from './support/chart-marks.js';

it('shows labels as they are given, those too that read like ids of the picture', async () => {
  const names = ['clip1', 'gradient_0', 'url(#clip1)', 'id="clip2"'];
  const rows = names.map((name, i) => ({ name, value: i + 1 }));
  const { svg } = await barChart(rows, OPTIONS);
  for (const name of names) {
    const label = name.replaceAll('"', '(&quot;|")').replaceAll('(#', '\\(#').replaceAll('1)', '1\\)');
    expect(svg).toMatch(new RegExp(`>${label}</text>`));
  }
});

describe('boxSummary', () => {
  it('is Tukey’s: quartiles between ranks, whiskers at values within reach', () => {
    const values = [100, 1, 2, 3, 4, 5, 6, 7, 8];
    // Quartiles 3, 5, 7; reach 6: from -3 to 13.
    expect(boxSummary('a', values)).toEqual({
      name: 'a',
      low: 1,
      q1: 3,
      median: 5,
      q3: 7,
      high: 8,
      mean: 136 / 9,
      n: 9,
    });
    expect(boxSummary('a', [4, 1])).toMatchObject({ q1: 1.75, median: 2.5, q3: 3.25, low: 1, high: 4 });
    expect(() => boxSummary('a', [])).toThrow(ShapeError);
    expect(() => boxSummary('a', [1, Number.NaN])).toThrow(NotFiniteError);
  });
});

describe('boxPlot', () => {
  it('draws a box, a median and a mean for each sample', async () => {
    const boxes = [
      boxSummary('one', [1, 2, 3, 4]),
      boxSummary('two', [3, 4, 5, 9]),
      boxSummary('three', [1]),
    ];
    const { svg, rows } = await boxPlot(boxes, { ...OPTIONS, fit: { slope: 1, intercept: 0 } });
    expectDressed(svg);
    expect(rows).toBe(boxes);
    expect(marks(svg, 'bar')).toHaveLength(3);
    expect(marks(svg, 'tick')).toHaveLength(3);
    expect(marks(svg, 'rule mark').length + marks(svg, 'rule').length).toBe(6);
    expect(marks(svg, 'point')).toHaveLength(3);
    expect(svg).toContain('stroke-dasharray');
    expect(marks(svg, 'bar')[1]!['@_aria-label']).toBe(
      'two: mean 5.25, median 4.5, half of the values from 3.75 to 6, n = 4',
    );
    await expect(boxPlot([boxes[0]!, boxes[0]!], OPTIONS)).rejects.toThrow(ShapeError);
    await expect(boxPlot([], OPTIONS)).rejects.toThrow(ShapeError);
  });

  it('lays boxes down whose names do not fit beside each other, and turns no label', async () => {
    const draw = (names: readonly string[]) =>
      boxPlot(
        names.map((name, i) => boxSummary(name, [i, i + 1, i + 2, i + 9])),
        OPTIONS,
      );
    const axisOf = (svg: string, title: string) =>
      elements(svg, (_, { '@_aria-label': label }) => label?.includes(`titled '${title}'`) === true)[0]![
        '@_aria-label'
      ];
    const standing = await draw(['1', '2', '3']);
    expect(axisOf(standing.svg, 'an x axis')).toMatch(/^X-axis/);
    const lying = await draw(Array.from({ length: 10 }, (_, i) => `stem, compensated ${i}`));
    expect(axisOf(lying.svg, 'an x axis')).toMatch(/^Y-axis/);
    for (const { svg } of [standing, lying]) {
      expectDressed(svg);
      expect(svg).not.toContain('rotate(-35');
      expect(/^<svg [^>]*width="(\d+)"/.exec(svg)![1]).toBe('360');
    }
    // The same box says the same either way.
    expect(marks(lying.svg, 'bar')).toHaveLength(10);
    expect(marks(lying.svg, 'tick')[0]!['@_aria-label']).toMatch(/^stem, compensated 0: mean 3, median 1.5/);
  });
});

describe('room for text', () => {
  const UNIT = 'global importance, s.d. of scores';
  const names = ['short', `a model with a name as long as the path of its folder${'/reports'.repeat(9)}`];
  const options = { title: 'A & B', xLabel: 'model', yLabel: UNIT };
  /** Length of the axis of the values, px: of its line without ticks and labels. */
  const lengthOf = (svg: string): number => {
    const ends = elements(svg, (tag, { '@_stroke-width': w }) => tag === 'line' && w === '1').map(
      ({ '@_x2': x2 }) => Math.abs(Number(x2)),
    );
    return Math.max(...ends);
  };

  it('is enough for axes’ titles as reports write them, on every chart', async () => {
    const points = [1, 2, 3].map((x) => ({ x, y: x * x, series: 'a' }));
    const boxes = (list: readonly string[]) => list.map((name) => boxSummary(name, [1, 2, 3]));
    const drawn = [
      await lineChart(points, options),
      await scatterPlot(points, { ...options, xLabel: UNIT }),
      await scatterPlot(points, { ...options, xLabel: UNIT, guide: 'identity' }),
      await boxPlot(boxes(['1', '2']), options),
      await boxPlot(boxes(['loop, compensated', 'stem, compensated']), options),
      await histogram({ a: [1, 2] }, { ...options, xLabel: UNIT, yLabel: '6-mers, logarithmic' }),
      await dotPlot([{ name: 'a', value: 1 }], options),
    ];
    for (const { svg } of drawn) {
      expect(svg).toContain(`>${UNIT}</text>`);
      expect(svg).not.toContain('\u2026</text>');
    }
  });

  it('is left to the plot however long names are', async () => {
    const drawn = [
      await boxPlot(
        names.map((name) => boxSummary(name, [1, 2, 3])),
        options,
      ),
      await dotPlot(
        names.map((name, value) => ({ name, value })),
        options,
      ),
      await barChart(
        names.map((name) => ({ name, value: 1 })),
        options,
      ),
    ];
    for (const { svg } of drawn) {
      expect(svg).toMatch(/>a model with [^<]*\u2026<\/text>/);
      expect(svg).toContain(`aria-label="${names[1]}: `);
      expect(Number(/^<svg [^>]*width="(\d+)"/.exec(svg)![1])).toBe(360);
      expect(lengthOf(svg)).toBeGreaterThan(150);
    }
    const labels = await scatterPlot(
      names.map((label, x) => ({ x, y: x, label })),
      options,
    );
    expect(labels.svg).toMatch(/>a model [^<]*\u2026<\/text>/);
  });

  it('is the same for plots of one range', async () => {
    const ticksOf = async (values: number[], range?: number[]) => {
      const { svg } = await boxPlot([boxSummary('a', values)], { ...options, ...(range && { range }) });
      return /Y-axis titled '[^']*' for a linear scale with values from ([^"]*)"/.exec(svg)![1];
    };
    expect(await ticksOf([1, 2, 3])).not.toBe(await ticksOf([1, 2, 9]));
    expect(await ticksOf([1, 2, 3], [0, 10])).toBe('0 to 10');
    expect(await ticksOf([1, 2, 9], [0, 10])).toBe('0 to 10');
  });
});

describe('dotPlot', () => {
  it('draws a dot per value on the line of its name, in the order given', async () => {
    const dots = [
      { name: 'b', value: 2, series: 'x' },
      { name: 'b', value: 3, series: 'y' },
      { name: 'a', value: 1, series: 'x' },
    ];
    const { svg, rows } = await dotPlot(dots, OPTIONS);
    expectDressed(svg);
    expect(rows).toBe(dots);
    const drawn = marks(svg, 'circle').map(({ '@_aria-label': label, '@_transform': at, '@_fill': fill }) => {
      const [x, y] = /translate\(([\d.]+),([\d.]+)\)/.exec(at!)!.slice(1).map(Number);
      return { label, x: x!, y: y!, fill };
    });
    expect(drawn.map(({ label }) => label)).toEqual(['b, x: 2', 'b, y: 3', 'a, x: 1']);
    const [first, second, third] = drawn;
    expect(first!.y).toBe(second!.y);
    expect(third!.y).toBeGreaterThan(first!.y);
    expect(first!.fill).toBe(third!.fill);
    expect(first!.fill).not.toBe(second!.fill);
    expect(second!.x - first!.x).toBeCloseTo(first!.x - third!.x, 1);
    await expect(dotPlot([dots[0]!, dots[0]!], OPTIONS)).rejects.toThrow('given twice');
    await expect(dotPlot([], OPTIONS)).rejects.toThrow(ShapeError);
    // One value has room about it.
    const [one] = marks((await dotPlot([{ name: 'a', value: 0 }], OPTIONS)).svg, 'circle');
    expect(one!['@_transform']).not.toContain('NaN');
  });
});

describe('barChart', () => {
  it('draws bars and error bars, those that there are', async () => {
    const { svg, rows } = await barChart(
      [
        { name: 'GCUGGC', value: 2, low: 1.5, high: 2.5 },
        { name: 'AAAAAA', value: -1 },
      ],
      OPTIONS,
    );
    expectDressed(svg);
    const bars = marks(svg, 'bar');
    expect(bars.map((bar) => bar['@_aria-label'])).toEqual([
      expect.stringContaining('GCUGGC'),
      expect.stringContaining('AAAAAA'),
    ]);
    // Heights of the bars: 2 is twice as high as -1.
    const heights = bars.map((bar) => Math.abs(Number(/v(-?[\d.]+)h/.exec(bar['@_d']!)![1])));
    expect(heights[0]! / heights[1]!).toBeCloseTo(2, 6);
    expect(elements(svg, (tag, { '@_stroke-width': w }) => tag === 'line' && w === '1.5')).toHaveLength(1);
    expect(rows).toHaveLength(2);
    await expect(barChart([{ name: 'a', value: 1, low: 0 }], OPTIONS)).rejects.toThrow(
      'has one end of an error bar',
    );
    await expect(
      barChart(
        [
          { name: 'a', value: 1 },
          { name: 'a', value: 2 },
        ],
        OPTIONS,
      ),
    ).rejects.toThrow('given twice');
    await expect(barChart([{ name: 'a', value: Number.NaN }], OPTIONS)).rejects.toThrow(
      'row 1: value is NaN',
    );
  });

  it('sets series side by side', async () => {
    const { svg } = await barChart(
      ['5′', '3′'].map((series) => ({ name: 'a', value: 1, series })),
      OPTIONS,
    );
    const fills = marks(svg, 'bar').map((bar) => bar['@_fill']);
    expect(new Set(fills).size).toBe(2);
  });
});

describe('heatMap', () => {
  const cells = [
    { x: '1', y: 'A', value: -2 },
    { x: '2', y: 'A', value: 0 },
    { x: '1', y: 'C', value: 1 },
  ];

  it('is symmetric about 0: neutral there, blue below, red above', async () => {
    const warned = vi.spyOn(console, 'warn');
    const { svg } = await heatMap(cells, { ...OPTIONS, valueLabel: 'change' });
    expect(warned).not.toHaveBeenCalled();
    expectDressed(svg);
    expect(marks(svg, 'rect mark')[0]!['@_aria-label']).toBe('1, a <y> axis A: \u22122');
    expect(svg).toContain('change');
    const colours = marks(svg, 'rect mark').map(
      (rect) => /rgb\((\d+), (\d+), (\d+)\)/.exec(rect['@_fill']!)!,
    );
    expect(colours).toHaveLength(3);
    const [below, zero, above] = colours.map((match) => match.slice(1).map(Number));
    expect(below![2]! - below![0]!).toBeGreaterThan(50);
    expect(Math.max(...zero!) - Math.min(...zero!)).toBeLessThan(12);
    expect(above![0]! - above![2]!).toBeGreaterThan(20);
  });

  it('has ids of its own, for pages with several', async () => {
    const one = await heatMap(cells, { ...OPTIONS, valueLabel: 'v' });
    const two = await heatMap([{ x: '1', y: 'A', value: 5 }], { ...OPTIONS, valueLabel: 'v' });
    const ids = (svg: string) => [...svg.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id!);
    expect(ids(one.svg).length).toBeGreaterThan(0);
    for (const id of ids(one.svg)) {
      expect(one.svg).toContain(`url(#${id})`);
      expect(ids(two.svg)).not.toContain(id);
    }
    await expect(heatMap([cells[0]!, cells[0]!], { ...OPTIONS, valueLabel: 'v' })).rejects.toThrow(
      ShapeError,
    );
  });
});

describe('histogram', () => {
  it('counts every value once, on round edges', () => {
    const bins = histogramBins({ a: [0, 0.1, 0.5, 0.99, 1, 2], b: [1.5, 1.5] }, 4);
    expect(bins.filter(({ series }) => series === 'a')).toEqual([
      { series: 'a', start: 0, end: 0.5, count: 2 },
      { series: 'a', start: 0.5, end: 1, count: 2 },
      { series: 'a', start: 1, end: 1.5, count: 1 },
      { series: 'a', start: 1.5, end: 2, count: 1 },
    ]);
    expect(bins.filter(({ series }) => series === 'b').map(({ count }) => count)).toEqual([0, 0, 0, 2]);
    const odd = Array.from({ length: 500 }, (_, i) => Math.sin(i) * 3.7 - 1);
    for (const count of [1, 3, 20, 77]) {
      const total = histogramBins({ odd }, count).reduce((sum, bin) => sum + bin.count, 0);
      expect(total).toBe(500);
      for (const { start, end } of histogramBins({ odd }, count)) expect(end).toBeGreaterThan(start);
    }
    expect(histogramBins({ a: [3, 3] })).toEqual([{ series: 'a', start: 1.5, end: 4.5, count: 2 }]);
    expect(() => histogramBins({ a: [] })).toThrow(ShapeError);
    expect(() => histogramBins({ a: [Number.NaN] })).toThrow(NotFiniteError);
  });

  it('draws the bins that hold something', async () => {
    const { svg, rows } = await histogram({ a: [0, 0.1, 2], b: [2] }, { ...OPTIONS, bins: 4 });
    expectDressed(svg);
    expect(rows).toHaveLength(8);
    expect(marks(svg, 'bar')).toHaveLength(3);
  });

  it('shows one beside a thousand on a logarithmic axis', async () => {
    const values = [...Array.from({ length: 1000 }, () => 0), 1];
    const heights = async (logarithmic: boolean) => {
      const { svg } = await histogram({ a: values }, { ...OPTIONS, bins: 2, logarithmic });
      return marks(svg, 'bar').map((bar) => Math.abs(Number(/v(-?[\d.]+)h/.exec(bar['@_d']!)![1])));
    };
    const [many, one] = await heights(false);
    expect(one! / many!).toBeLessThan(0.002);
    const [tall, low] = await heights(true);
    // Symmetric logarithm: ln(1 + 1) / ln(1 + 1000).
    expect(low! / tall!).toBeCloseTo(Math.log(2) / Math.log(1001), 2);
  });
});

describe('lineChart', () => {
  it('draws a line and points per series, and bands where there are intervals', async () => {
    const points = ['train', 'valid'].flatMap((series) =>
      [1, 2, 3].map((x) => ({ x, y: x / 4, series, low: x / 4 - 0.1, high: x / 4 + 0.1 })),
    );
    const { svg } = await lineChart(points, OPTIONS);
    expectDressed(svg);
    expect(marks(svg, 'line mark')).toHaveLength(2);
    expect(marks(svg, 'area mark')).toHaveLength(2);
    expect(marks(svg, 'point')).toHaveLength(6);
    expect(marks(svg, 'line mark')[0]!['@_aria-label']).toBe('train');
    expect(marks(svg, 'point')[0]!['@_aria-label']).toBe('train, at 1: 0.25 (0.15 to 0.35)');
    await expect(lineChart([{ x: 1, y: 1, low: 0 }], OPTIONS)).rejects.toThrow(ShapeError);
  });
});

describe('names that every object of JavaScript has', () => {
  it('are names like others', async () => {
    const names = ['constructor', 'toString', '__proto__'];
    const { svg } = await dotPlot(
      names.map((name) => ({ name, value: name.length })),
      OPTIONS,
    );
    expectDressed(svg);
    expect(marks(svg, 'circle')).toHaveLength(3);
    for (const name of names) expect(svg).toContain(`>${name}</text>`);
    const violins = await violinPlot({ constructor: [1, 2, 3], other: [2, 3, 4] }, OPTIONS);
    expect(violins.svg).toContain('>constructor</text>');
  });
});

describe('rowsToTsv', () => {
  it('has a column for every field of any row', () => {
    expect(
      rowsToTsv([
        { a: 1, b: 'x\ty' },
        { a: 0.1, c: 2 },
      ]),
    ).toBe('a\tb\tc\n1\tx y\t\n0.1\t\t2\n');
  });
});
