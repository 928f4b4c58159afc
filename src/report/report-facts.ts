/** The last section of a model's page: how it was made. */

import { spell } from '../data/sequences/letters.js';
import type { AdapterDescription } from '../device/adapter/adapter-info.js';
import { type Backgrounds, lettersIn } from '../gia/backgrounds/backgrounds.js';
import { describeRange, widthOf } from '../gia/backgrounds/letters.js';
import type { Skipped } from '../gia/experiments/index.js';
import { kmerPosition } from '../gia/importance.js';
import type { Treated } from '../gia/structure.js';
import type { StoredRow } from '../gia/tables/table-reader.js';
import { type Architecture, lossKindOf } from '../nn/architecture.js';
import type { ModelFacts } from '../nn/files/model-facts.js';
import { summaryOf } from '../nn/presets.js';
import type { TrainedAs } from './stored-report.js';
import { structureFacts } from './structure-words.js';

/** A fact by its name. */
export type Fact = readonly [name: string, text: string];

/** A model as its file holds it. */
export interface ReportedModel {
  readonly path: string;
  readonly sha256: string;
  readonly architecture: Architecture;
  readonly facts: ModelFacts;
}

/** How a report was made. */
export interface ReportOrigin extends Treated {
  readonly model: ReportedModel;
  /** Networks that were asked beside it. */
  readonly others?: readonly ReportedModel[] | undefined;
  readonly backgrounds: Backgrounds;
  readonly sweep: readonly StoredRow[];
  /** The file of the sweep, where it was not computed for the report. */
  readonly table?: string | undefined;
  readonly skipped?: readonly Skipped[] | undefined;
  /** The sub-optimal motif, where one was named. */
  readonly suboptimal?: string | undefined;
  /** Further facts, before the last ones. */
  readonly more?: readonly Fact[] | undefined;
  readonly adapter: AdapterDescription;
  /** When, and how long it took. Default: now. */
  readonly made?: string | undefined;
}

/** `hairpin was left out: …`. */
export const skippedText = ({ experiment, reason }: Skipped): string =>
  `${experiment} was left out: ${reason}`;

/** What one step on the axis of importances is. */
export function unitOf({ architecture, facts }: Pick<ReportedModel, 'architecture' | 'facts'>): string {
  if (lossKindOf(architecture) === 'classification') return 'probability';
  return facts.normalisation ? 's.d. of scores' : 'score units';
}

/** How a model was trained, so that a survey can compare it with others of its experiment. */
export const trainedAs = ({
  architecture,
  facts,
}: Pick<ReportedModel, 'architecture' | 'facts'>): TrainedAs => ({
  transform: facts.normalisation?.fitted.train.kind,
  preset: facts.preset,
  network: summaryOf(architecture),
  seed: facts.seed,
});

/** Everything that a reader needs to know of how a report was made. */
export function reportFacts(origin: ReportOrigin): readonly Fact[] {
  const {
    model,
    others = [],
    backgrounds,
    sweep,
    table,
    skipped = [],
    suboptimal,
    structure,
    more = [],
    adapter,
  } = origin;
  const { made = new Date().toISOString() } = origin;
  const { facts, architecture } = model;
  const { count, kind, order, seed, length } = backgrounds;
  const letters = lettersIn(backgrounds);
  const outside = sweep.filter(({ inPadding = 0 }) => inPadding > 0).map(({ pattern }) => pattern);
  // A sweep of several tasks has every pattern several times.
  const marked = new Set(outside).size;
  return [
    ['model', [model, ...others].map(({ path, sha256 }) => `${path} (${sha256.slice(0, 12)}…)`).join(', ')],
    ...(facts.data ? [['trained on', facts.data.path] as const] : []),
    ...(facts.tasks ? [['tasks', facts.tasks.join(', ')] as const] : []),
    ['architecture', `${facts.preset ?? 'custom'}: ${summaryOf(architecture)}`],
    ['backgrounds', `${count}, ${kind}${order === undefined ? '' : ` of order ${order}`}, seed ${seed}`],
    ...structureFacts(architecture, structure),
    ['sweep', table ?? `all 6-mers at position ${kmerPosition(6, backgrounds)} (counted from 0)`],
    ...(widthOf(letters) < length
      ? [
          [
            'letters',
            `probes have letters at positions ${describeRange(letters)} of 0–${length - 1}; patterns stand within`,
          ] as const,
        ]
      : []),
    ...(marked > 0
      ? [
          [
            'padding',
            `${marked} patterns of ${table ?? 'the sweep'} have letters where no training probe has one (column in_padding)`,
          ] as const,
        ]
      : []),
    ...skipped.map((one) => ['left out', skippedText(one)] as const),
    [
      'sub-optimal motif',
      suboptimal === undefined
        ? 'the single-letter variant nearest to half of the importance, where one has a quarter to three quarters of it'
        : spell(suboptimal, architecture.alphabet),
    ],
    ...more,
    ['adapter', `${adapter.name} (${adapter.class})`],
    ['made', made],
    ['method', METHOD],
  ];
}

/** The paper. */
export const METHOD = 'Koo et al., Global importance analysis, PLoS Computational Biology 2021';
