/** Scatter plots as SVG: marks, lines, axes and text. */
import { describe, expect, it } from 'vitest';
import { NotFiniteError, ShapeError } from '../src/device/errors.js';
import { fitLine } from '../src/gia/statistics/line.js';
import { labelBox, placeLabels } from '../src/report/charts/labels.js';
import { scatterPlot } from '../src/report/index.js';
import { elements, expectDressed, marks, OPTIONS } from './support/chart-marks.js';
import { normals } from './support/numbers.js';

describe('scatterPlot', () => {
  it('fits a line and says how well', async () => {
    const points = [
      { x: 0, y: 1 },
      { x: 1, y: 2 },
      { x: 2, y: 6 },
    ];
    const { svg, fit, rows } = await scatterPlot(points, OPTIONS);
    expectDressed(svg);
    expect(fit).toMatchObject({ slope: 2.5, n: 3 });
    expect(fit.intercept).toBeCloseTo(0.5, 12);
    // 5 / √(2 · 14).
    expect(fit.r).toBeCloseTo(0.9449111825, 9);
    expect(svg).toContain('r = 0.945, n = 3');
    const named = await scatterPlot(
      points.map((point, i) => ({ ...point, y: -point.y, name: `model ${i}` })),
      OPTIONS,
    );
    expect(named.svg).toContain('r = \u22120.945');
    expect(named.svg).toContain('aria-label="model 2: an x axis 2, a &lt;y&gt; axis \u22126"');
    expect(rows).toEqual(points);
    expect(elements(svg, (tag, { '@_d': d }) => tag === 'path' && /A/.test(d ?? ''))).toHaveLength(3);
  });

  it('names points that have a name', async () => {
    const points = [
      { x: 0, y: 1, label: 'one' },
      { x: 1, y: 2, label: 'two' },
    ];
    const { svg, unlabelled } = await scatterPlot(points, OPTIONS);
    expectDressed(svg);
    // The second stands at the right end, and its label on its left.
    const anchors = svg.matchAll(/<text [^>]*text-anchor="(\w+)"[^>]*>(?:one|two)<\/text>/g);
    expect([...anchors].map(([, side]) => side)).toEqual(['start', 'end']);
    expect(unlabelled).toBe(0);
    const unnamed = await scatterPlot(
      points.map(({ x, y }) => ({ x, y })),
      OPTIONS,
    );
    expect(marks(unnamed.svg, 'text mark')).toHaveLength(marks(svg, 'text mark').length - 2);
  });

  it('writes no label over another label or a point, and counts those that have no place', async () => {
    const draws = normals(80, 5);
    const points = Array.from({ length: 40 }, (_, i) => ({
      x: 100 + 30 * draws[i]!,
      y: 100 + 30 * draws[40 + i]!,
      label: `UGCA${i}`,
    }));
    const places = placeLabels(points, { width: 200, height: 200 });
    const boxes = points.flatMap((point, i) => (places[i] ? [{ i, ...labelBox(point, places[i]) }] : []));
    expect(boxes.length).toBeGreaterThan(10);
    expect(boxes.length).toBeLessThan(40);
    for (const { i, left, right, top, bottom } of boxes) {
      expect(Math.min(left, top)).toBeGreaterThanOrEqual(0);
      expect(Math.max(right, bottom)).toBeLessThanOrEqual(200);
      for (const { x, y } of points) expect(x > left && x < right && y > top && y < bottom).toBe(false);
      for (const other of boxes)
        if (other.i !== i)
          expect(
            left < other.right && other.left < right && top < other.bottom && other.top < bottom,
            `${points[i]!.label} and ${points[other.i]!.label}`,
          ).toBe(false);
    }
    const { svg, unlabelled } = await scatterPlot(points, OPTIONS);
    expectDressed(svg);
    const written = [...svg.matchAll(/>UGCA\d+<\/text>/g)].length;
    expect(written).toBeGreaterThan(10);
    expect(written + unlabelled).toBe(40);
  });

  /** Points by what the text beside them says, in drawing order: [x, y] in px, y downwards. */
  const placesOf = (svg: string, colour: string) =>
    elements(
      svg,
      (tag, { '@_fill': fill, '@_transform': at }) => tag === 'path' && fill === colour && at !== undefined,
    ).map(
      ({ '@_transform': at }) =>
        /translate\(([\d.-]+),([\d.-]+)\)/.exec(at!)!.slice(1).map(Number) as [number, number],
    );

  it('draws some of many, says so, and never leaves out those farthest out', async () => {
    const points = Array.from({ length: 4000 }, (_, i) => ({ x: Math.sin(i), y: Math.sin(7 * i) / 2 }));
    // Each alone at its end, and where every twentieth would miss it.
    const extremes = [
      { x: 9, y: 0.1 },
      { x: -8, y: -0.1 },
      { x: 0.3, y: 7 },
      { x: -0.3, y: -6 },
      { x: 5, y: -5 },
      { x: -4, y: 4.5 },
    ];
    for (const [i, point] of extremes.entries()) points.splice(601 * (i + 1), 0, point);
    for (const guide of ['line', 'identity'] as const) {
      const { svg, fit, rows } = await scatterPlot(points, { ...OPTIONS, most: 200, guide });
      const drawn = Number(/n = 4,006 \((\d+) drawn\)/.exec(svg)![1]);
      expect(drawn).toBeGreaterThan(150);
      expect(drawn).toBeLessThanOrEqual(208);
      expect(rows).toBe(points);
      expect(fit).toEqual(
        fitLine(
          points.map(({ x }) => x),
          points.map(({ y }) => y),
        ),
      );
      const places = placesOf(svg, '#3d85c6');
      expect(places).toHaveLength(drawn);
      // The scale, from the two ends in x and the two in y.
      const by = (axis: 0 | 1, sign: number) =>
        places.reduce((a, b) => (sign * b[axis] > sign * a[axis] ? b : a));
      const [right, left, top, foot] = [by(0, 1), by(0, -1), by(1, -1), by(1, 1)];
      const x = (value: number) => left[0] + ((value + 8) / 17) * (right[0] - left[0]);
      const y = (value: number) => foot[1] - ((value + 6) / 13) * (foot[1] - top[1]);
      for (const point of extremes)
        expect(places.filter(([px, py]) => Math.hypot(px - x(point.x), py - y(point.y)) < 0.1)).toHaveLength(
          1,
        );
    }
  });

  it('holds two measures of one quantity against the identity, over one range', async () => {
    const points = [
      { x: -1.3, y: 0.2 },
      { x: 0, y: 0 },
      { x: 2.1, y: 7.4 },
    ];
    const { svg, spec } = await scatterPlot(points, { ...OPTIONS, guide: 'identity' });
    const [from, to] = [-2, 8];
    const encodings = (
      spec as unknown as { layer: { encoding: Record<'x' | 'y', { scale: { domain: number[] } }> }[] }
    ).layer;
    for (const { encoding } of encodings)
      for (const axis of ['x', 'y'] as const) expect(encoding[axis].scale.domain).toEqual([from, to]);
    const axes = elements(svg, (_, { '@_aria-roledescription': role }) => role === 'axis').map(
      ({ '@_aria-label': label }) => / with values from (.*)$/.exec(label!)![1],
    );
    expect(axes).toEqual(['\u22122 to 8', '\u22122 to 8']);
    // A unit is as long in y as in x, and the line goes from corner to corner.
    const [[ax, ay], , [bx, by]] = placesOf(svg, '#3d85c6') as [[number, number], unknown, [number, number]];
    expect((ay - by) / 7.2).toBeCloseTo((bx - ax) / 3.4, 2);
    const [line] = elements(svg, (_, { '@_stroke-dasharray': dashes }) => dashes === '6,4');
    expect(line!['@_d']).toBe('M0,276L276,0');
  });

  it('says so where r is undefined or means nothing', async () => {
    const identity = (points: { x: number; y: number }[]) =>
      scatterPlot(points, { ...OPTIONS, guide: 'identity' }).then(({ svg }) => svg);
    const same = [1, 2, 3].map((y) => ({ x: 0.1, y }));
    expect(await identity(same)).toContain('>r undefined, n = 3<');
    expect(await identity(same.map(({ x, y }) => ({ x: y, y: x })))).toContain('>r undefined, n = 3<');
    expect(await identity(same.slice(1).map(({ y }) => ({ x: y, y })))).toContain('>n = 2<');
    expect(await identity([{ x: 1, y: 1 }])).toContain('>n = 1<');
  });

  it('draws series in the colours given, those of the first on top', async () => {
    const points = ['near', 'far', 'near'].map((series, i) => ({ x: i, y: i * i, series }));
    const { svg } = await scatterPlot(points, {
      ...OPTIONS,
      colours: { near: '#dc3d43', far: '#7d8590' },
      legend: 'how far',
    });
    const fills = elements(
      svg,
      (tag, { '@_aria-roledescription': role }) => tag === 'path' && role === 'circle',
    ).map(({ '@_fill': fill }) => fill);
    expect(fills).toEqual(['#7d8590', '#dc3d43', '#dc3d43']);
    expect(svg).toContain('>how far</text>');
  });

  it('refuses a line through points with a single x, and values that are none', async () => {
    await expect(
      scatterPlot(
        [
          { x: 1, y: 1 },
          { x: 1, y: 2 },
        ],
        OPTIONS,
      ),
    ).rejects.toThrow(ShapeError);
    await expect(
      scatterPlot(
        [
          { x: 1, y: Number.NaN },
          { x: 2, y: 2 },
        ],
        OPTIONS,
      ),
    ).rejects.toThrow(NotFiniteError);
  });
});
