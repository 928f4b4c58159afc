/** A section of the report for each of the paper's experiments (figures 2b to 2d, 2f, 3c, 4c): figure, caption, comparisons. */

import type { Comparison, ExperimentResult, ExperimentRow } from '../../gia/experiments/index.js';
import { flatRow } from '../../gia/tables/column-names.js';
import { type BoxPlotOptions, boxPlot, lineChart, scatterPlot } from '../charts/index.js';
import { fitOf } from '../correlation.js';
import type { Files } from '../figures/figure-files.js';
import { designOf, hairpinScheme } from '../figures/hairpin-scheme.js';
import { fixed } from '../figures/svg.js';
import { figure, paragraph, type Section, sortable } from '../page/page.js';
import { HINTS, intervalColumn, numberColumn } from '../table-columns.js';
import { count, probability } from '../wording.js';

type Fit = NonNullable<BoxPlotOptions['fit']>;

const boxOf = (row: ExperimentRow, name: string) => {
  const { low, q1, median, q3, high, n } = row;
  return { name, low, q1, median, q3, high, mean: row.importance, n };
};

const ofFirst = <Row extends { readonly model: number }>(rows: readonly Row[]): Row[] =>
  rows.filter(({ model }) => model === 0);

/** The comparisons of an experiment as a table. */
const comparisonTable = (comparisons: readonly Comparison[]): string =>
  sortable(comparisons, [
    { heading: 'comparison', cell: ({ labels }) => comparisonName(labels) },
    {
      heading: 'difference',
      cell: ({ difference }) => fixed(difference, 3),
      value: ({ difference }) => difference,
    },
    intervalColumn(),
    { heading: 'd', hint: HINTS.d, cell: ({ d }) => fixed(d, 2), value: ({ d }) => d },
    { heading: 'q', hint: HINTS.q, cell: ({ q }) => probability(q, ''), value: ({ q }) => q },
  ]);

const typeset = (text: string): string => text.replaceAll(' - ', ' \u2212 ').replaceAll("'", '\u2032');

/** What is compared, and in brackets of what. */
const comparisonName = ({ comparison, ...rest }: Comparison['labels']): string => {
  const of = Object.entries(rest).map(([name, value]) =>
    name === 'copies' ? count(Number(value), 'copy', 'copies') : `${value}`,
  );
  return typeset(of.length > 0 ? `${comparison} (${of.join(', ')})` : `${comparison}`);
};

const captionOf = ({ what, backgrounds }: ExperimentResult): string =>
  typeset(`${what[0]!.toUpperCase()}${what.slice(1)}; ${count(backgrounds, 'background')}.`);

/** Under box plots. */
const BOXES =
  'Boxes: the middle half of the local importances, red line: median, green triangle: mean, which is the global importance; whiskers end at the last value within 1.5 times the box.';

/** What functions here take: the figures' files, the result, and the unit of importances. */
type Draw = (files: Files, result: ExperimentResult, unit: string) => Promise<Section>;

async function multiplicitySection(files: Files, result: ExperimentResult, unit: string): Promise<Section> {
  const rows = ofFirst(result.rows);
  const { slope, intercept, suboptimalSlope, suboptimalIntercept } = result.facts[0] as Record<
    string,
    number
  >;
  // One range for both motifs.
  const range = [Math.min(...rows.map(({ low }) => low)), Math.max(...rows.map(({ high }) => high))];
  const copiesOf = async (file: string, motif: string | undefined, fit: Fit, caption: string) => {
    const own = rows.filter(({ labels }) => labels.motif === motif);
    const chart = await boxPlot(
      own.map((row) => boxOf(row, String(row.labels.copies))),
      {
        title: `Importance by number of copies${motif === undefined ? '' : ` of ${motif}`}`,
        xLabel: motif === undefined ? 'copies' : `copies of ${motif}`,
        yLabel: `local importance, ${unit}`,
        fit,
        range,
      },
    );
    return files.figure(file, chart.svg, own.map(flatRow), caption);
  };
  const [motif, suboptimal] = new Set(rows.map(({ labels }) => labels.motif as string | undefined));
  const points = new Set(rows.map(({ labels }) => labels.copies)).size;
  const caption = `${captionOf(result)} ${BOXES} The dashed line is fitted to the means of the ${count(points, 'box', 'boxes')}; copies differ in their place as well as in their number, so the table below compares each copy with itself at its own place.`;
  const figures = [await copiesOf('multiplicity', motif, { slope: slope!, intercept: intercept! }, caption)];
  if (suboptimal !== undefined)
    figures.push(
      await copiesOf(
        'multiplicity-suboptimal',
        suboptimal,
        { slope: suboptimalSlope!, intercept: suboptimalIntercept! },
        `The same for the sub-optimal motif, ${suboptimal}.`,
      ),
    );
  return {
    id: 'multiplicity',
    title: 'More copies',
    body: figures.join('\n') + copyTable(rows) + comparisonTable(ofFirst(result.comparisons)),
  };
}

/** What each copy adds to those before it, beside what it counts alone at the same place. */
function copyTable(rows: readonly ExperimentRow[]): string {
  const known = rows.flatMap(({ more, ...row }) => (more ? [{ ...row, more }] : []));
  if (known.length === 0) return '';
  type Row = (typeof known)[number];
  const interval = (of: 'added' | 'alone') => ({
    ...intervalColumn(({ more }: Row) => ({ ciLow: more[`${of}CiLow`], ciHigh: more[`${of}CiHigh`] })),
  });
  return sortable(known, [
    ...(known[0]!.labels.motif === undefined
      ? []
      : [{ heading: 'motif', cell: ({ labels }: Row) => String(labels.motif), letters: true }]),
    numberColumn<Row>('copies', ({ labels }) => Number(labels.copies), 0),
    numberColumn<Row>('last one at', ({ more }) => more.position!, 0),
    numberColumn<Row>('together', ({ importance }) => importance, 3),
    numberColumn<Row>('added by the last', ({ more }) => more.added!, 3),
    interval('added'),
    numberColumn<Row>('the last alone', ({ more }) => more.alone!, 3),
    interval('alone'),
  ]);
}

async function spacingSection(files: Files, result: ExperimentResult, unit: string): Promise<Section> {
  const rows = ofFirst(result.rows);
  const comparisons = ofFirst(result.comparisons);
  const together = rows.map(({ labels, importance: y, ciLow: low, ciHigh: high }) => ({
    x: Number(labels.gap),
    y,
    low,
    high,
    series: 'together',
  }));
  const alone = rows.map(({ labels, importance }, i) => {
    const { difference, ciLow, ciHigh } = comparisons[i]!;
    return {
      x: Number(labels.gap),
      y: importance - difference,
      low: importance - ciHigh,
      high: importance - ciLow,
      series: 'sum of each alone',
    };
  });
  const chart = await lineChart([...together, ...alone], {
    title: 'Importance by gap',
    xLabel: 'letters between the two',
    yLabel: `global importance, ${unit}`,
  });
  return {
    id: 'spacing',
    title: 'Spacing',
    body: files.figure(
      'spacing',
      chart.svg,
      comparisons.map(flatRow),
      `${captionOf(result)} The sum of each alone adds up what either copy counts at the same place without the other. Where the line of both together is above it, the copies help each other; where it is below, they hinder each other. Bands are 95 % intervals; the band of the sum is the interval of the difference between the two lines.`,
    ),
  };
}

async function positionsSection(files: Files, result: ExperimentResult, unit: string): Promise<Section> {
  const rows = ofFirst(result.rows);
  const points = rows.map(({ labels, importance: y, ciLow: low, ciHigh: high }) => ({
    x: Number(labels.position),
    y,
    low,
    high,
  }));
  const chart = await lineChart(points, {
    title: 'Importance by position',
    xLabel: 'position of the first letter, from 0',
    yLabel: `global importance, ${unit}`,
  });
  return {
    id: 'positions',
    title: 'Position',
    body: files.figure(
      'positions',
      chart.svg,
      rows.map(flatRow),
      `${captionOf(result)} The band is the 95 % interval.`,
    ),
  };
}

async function affinitySection(files: Files, result: ExperimentResult, unit: string): Promise<Section> {
  const rows = ofFirst(result.rows);
  const { slope, slopeCiLow, slopeCiHigh, r2, p } = result.facts[0] as Record<string, number>;
  const chart = await scatterPlot(
    rows.map(({ labels, importance }) => ({
      x: Number(labels.lnKd),
      y: importance,
      label: String(labels.pattern),
    })),
    {
      title: 'Importance by measured affinity',
      xLabel: 'ln K_D, tighter binding to the left',
      yLabel: `global importance, ${unit}`,
    },
  );
  const table = sortable(rows, [
    { heading: 'variant', cell: ({ labels }) => String(labels.pattern) },
    { heading: 'K_D', cell: ({ labels }) => String(labels.kd), value: ({ labels }) => Number(labels.kd) },
    {
      heading: 'importance',
      cell: ({ importance }) => fixed(importance, 3),
      value: ({ importance }) => importance,
    },
    intervalColumn(),
  ]);
  return {
    id: 'affinity',
    title: 'Measured affinities',
    body:
      files.figure(
        'affinity',
        chart.svg,
        rows.map(flatRow),
        `${captionOf(result)} The dashed line is the least-squares line.`,
      ) +
      paragraph(
        `Slope ${fixed(slope!, 3)} per unit of ln K_D (95 % interval ${fixed(slopeCiLow!, 3)} to ${fixed(slopeCiHigh!, 3)}), ${fitOf(r2!, rows.length)}, ${probability(p!)}. Below 0, variants that bind more tightly count more. K_D is in the unit of the table of measurements.`,
      ) +
      table,
  };
}

async function hairpinSection(files: Files, result: ExperimentResult, unit: string): Promise<Section> {
  const rows = ofFirst(result.rows);
  const chart = await boxPlot(
    rows.map((row) => {
      const { place, arms, letters } = row.labels;
      return boxOf(row, place === 'opposite' ? `${letters} alone` : `${place}, ${arms}`);
    }),
    {
      title: 'Importance in hairpins',
      xLabel: 'place of motif, arms',
      yLabel: `local importance, ${unit}`,
    },
  );
  const design = designOf(result);
  const scheme =
    design &&
    figure(
      hairpinScheme(design, String(rows[0]!.labels.letters)),
      'The hairpins: two arms whose letters pair (lines) around a loop. The motif stands in the loop or in an arm; the pale letters opposite are written with it, so that it pairs. Positions count from 0.',
    );
  return {
    id: 'hairpin',
    title: 'Hairpins',
    body:
      (scheme ?? '') +
      files.figure('hairpin', chart.svg, rows.map(flatRow), `${captionOf(result)} ${BOXES}`) +
      paragraph(
        'Paired: the arms pair by Watson and Crick. Broken: they do not. Compensated: other letters, which pair again. Unpaired: the background as it is. In a stem the letters opposite the motif are written with it; their own importance (the last two boxes) is subtracted there. The last comparison is what pairing does to the difference between loop and stem, beyond what the two positions differ by without it.',
      ) +
      comparisonTable(ofFirst(result.comparisons)),
  };
}

async function gcSection(files: Files, result: ExperimentResult, unit: string): Promise<Section> {
  const rows = ofFirst(result.rows);
  const chart = await boxPlot(
    rows.map((row) => boxOf(row, typeset(String(row.labels.condition)))),
    { title: 'GC at either end', xLabel: 'what is embedded', yLabel: `local importance, ${unit}` },
  );
  const { effect5, effect3, difference } = result.facts[0] as Record<string, number>;
  return {
    id: 'gc',
    title: 'GC bias',
    body:
      files.figure('gc', chart.svg, rows.map(flatRow), `${captionOf(result)} ${BOXES}`) +
      paragraph(
        `Effect size (importance with GC over importance of the motif alone): ${fixed(effect5!, 3)} at the 5′ end, ${fixed(effect3!, 3)} at the 3′ end, difference ${fixed(difference!, 3)}. An effect size of 1 is no change.`,
      ) +
      comparisonTable(ofFirst(result.comparisons)),
  };
}

/** In the order of the page. */
export const EXPERIMENT_SECTIONS: Readonly<Record<string, Draw>> = {
  multiplicity: multiplicitySection,
  spacing: spacingSection,
  positions: positionsSection,
  affinity: affinitySection,
  hairpin: hairpinSection,
  gc: gcSection,
};
