/** The figure of a measure over named things: a dot for each of a few, a histogram of more. */

import { dotPlot, histogram } from '../charts/index.js';
import type { Files } from '../figures/figure-files.js';
import { groupsOf } from './surveyed.js';

/** Up to so many are drawn one by one, more as a histogram. */
export const FEW = 30;

/** How a distribution is drawn. */
export interface DistributionOptions {
  readonly title: string;
  /** What is measured. */
  readonly axis: string;
  /** What is named: `model`, `task` or `experiment`. */
  readonly units: string;
  readonly caption: string;
}

/** A measure, by what the legend calls it; undefined where a thing has none. */
export type Measures<Named> = Readonly<Record<string, (thing: Named) => number | undefined>>;

/**
 * Adds the figure of a measure, or of several on one axis: of a few things a dot for each, highest first, of
 * more a histogram.
 *
 * @returns the figure as HTML
 */
export async function distribution<Named extends { readonly name: string }>(
  files: Files,
  name: string,
  things: readonly Named[],
  values: Measures<Named>,
  { title, axis, units, caption }: DistributionOptions,
): Promise<string> {
  const series = Object.entries(values);
  const highest = (thing: Named) =>
    series.map(([, value]) => value(thing)).find((value) => value !== undefined) ?? Number.NEGATIVE_INFINITY;
  const chart =
    things.length > FEW
      ? await histogram(
          Object.fromEntries(
            series.map(([of, value]) => [of, things.flatMap((thing) => value(thing) ?? [])]),
          ),
          { title, xLabel: axis, yLabel: `${units}s`, height: 220, bins: 20 },
        )
      : await dotPlot(
          things
            .toSorted((a, b) => highest(b) - highest(a))
            .flatMap((thing) =>
              series.flatMap(([of, measure]) => {
                const value = measure(thing);
                if (value === undefined) return [];
                return [{ name: thing.name, value, ...(series.length > 1 && { series: of }) }];
              }),
            ),
          { title, xLabel: units, yLabel: axis },
        );
  return files.figure(name, chart.svg, chart.rows, caption);
}

/** A model of one of several variants. */
interface Varied {
  readonly name: string;
  /** Its name without its variant. */
  readonly plainName?: string | undefined;
  readonly variant?: string | undefined;
}

/** Series in one figure, at most: dots have so many colours, and more histograms hide each other. */
const MOST_SERIES = { dots: 6, histogram: 3 };

/**
 * As `distribution`, where models of one name that differ in their variant share a line, in the colours of
 * variants. It draws single models where that is not possible.
 */
export async function distributionByVariant<Model extends Varied>(
  files: Files,
  name: string,
  models: readonly Model[],
  values: Measures<Model>,
  options: DistributionOptions,
): Promise<string> {
  const variants = [...new Set(models.map(({ variant }) => variant))];
  const series = Object.entries(values);
  const lines = groupsOf(models, ({ plainName, name }) => plainName ?? name);
  const isPossible =
    variants.length > 1 &&
    variants.length * series.length <= MOST_SERIES[lines.size > FEW ? 'histogram' : 'dots'] &&
    [...lines.values()].every((group) => new Set(group.map(({ variant }) => variant)).size === group.length);
  if (!isPossible) return await distribution(files, name, models, values, options);
  const things = [...lines].map(([name, group]) => ({ name, group }));
  const measures = series.flatMap(([of, value]) =>
    variants.map((variant) => {
      const measure = ({ group }: (typeof things)[number]) => {
        const model = group.find((each) => each.variant === variant);
        return model && value(model);
      };
      return [series.length > 1 ? `${of}, ${variant}` : (variant ?? ''), measure] as const;
    }),
  );
  return await distribution(files, name, things, Object.fromEntries(measures), options);
}
