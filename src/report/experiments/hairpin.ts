/** A motif in hairpins in words and figures (paper, figure 3c). */

import { spell } from '../../data/sequences/letters.js';
import {
  type Arms,
  HAIRPIN_EVIDENCE,
  type HairpinResult,
  hairpinVerdict,
  LEAST_SHARE,
  SIGNIFICANT,
} from '../../gia/experiments/index.js';
import type { Treatment } from '../../gia/structure.js';
import { flatRow } from '../../gia/tables/column-names.js';
import { boxPlot } from '../charts/index.js';
import type { Files } from '../figures/figure-files.js';
import { hairpinScheme } from '../figures/hairpin-scheme.js';
import { figure, paragraph } from '../page/page.js';
import type { ComparedOf, ExperimentReport, RowOf } from './experiment-report.js';
import {
  about,
  BOXES,
  boxOfRow,
  captionOf,
  comparisonTable,
  intervalOf,
  paddingOf,
  qOf,
  rounded,
} from './shared.js';

type Compared = ComparedOf<HairpinResult>;
type Place = RowOf<HairpinResult>['labels']['place'];

const COMPARISONS: Readonly<Record<Compared['comparison'], string>> = {
  'loop-paired-minus-broken': 'loop: paired − broken',
  'loop-paired-minus-compensated': 'loop: paired − compensated',
  'loop-paired-minus-unpaired': 'loop: paired − unpaired',
  'stem-paired-minus-broken': 'stem: paired − broken',
  'stem-paired-minus-compensated': 'stem: paired − compensated',
  'stem-paired-minus-unpaired': 'stem: paired − unpaired',
  'paired-loop-minus-stem': 'paired: loop − stem',
  'loop-compensated-minus-broken': 'loop: compensated − broken',
  'stem-compensated-minus-broken': 'stem: compensated − broken',
  'paired-minus-unpaired-loop-minus-stem': 'loop − stem: paired − unpaired',
};

const PLACES: Readonly<Record<Place, string>> = { loop: 'loop', stem: 'stem', opposite: 'opposite' };

const ARMS: Readonly<Record<Arms, string>> = {
  paired: 'paired',
  broken: 'broken',
  compensated: 'compensated',
  unpaired: 'unpaired',
};

function description({ design, alphabet }: HairpinResult): string {
  const { motif, inLoop, inStem, start, arm, loop, gu } = design;
  const range = (from: number) => `${from}–${from + arm - 1}`;
  const wobbles = gu ? `; half of the pairs are G·${spell('U', alphabet)} where the letters allow it` : '';
  return `${motif} in the loop (position ${inLoop}) or the stem (position ${inStem}) of hairpins whose positions ${range(start)} pair with ${range(start + arm + loop)}${wobbles}`;
}

const comparison = (labels: Compared): string => about(COMPARISONS[labels.comparison], paddingOf(labels));

export const hairpinReport: ExperimentReport<HairpinResult> = {
  description,
  columns: () => [
    { heading: 'place', cell: ({ labels }) => PLACES[labels.place] },
    { heading: 'arms', cell: ({ labels }) => ARMS[labels.arms] },
    { heading: 'letters', cell: ({ labels }) => labels.letters },
  ],
  comparison,
  facts: () => [],
  finding,
  section: {
    title: 'Hairpins',
    question: 'Is the motif more important in the loop of a hairpin than in its stem?',
    body,
  },
};

function finding(result: HairpinResult): string | undefined {
  const { motif } = result.design;
  const [loop, broken, restored] = HAIRPIN_EVIDENCE.map((name) =>
    result.comparisons.find(({ labels }) => labels.comparison === name),
  );
  if (!loop || !broken || !restored) return undefined;
  const verdict = hairpinVerdict(result);
  if (verdict === 'none')
    return `No preference of ${motif} for the loops of hairpins, or against them, was found: breaking the stem changes its importance in the loop by ${rounded(-broken.difference)} (${qOf(broken)}), and hairpins change the difference between loop and stem by ${rounded(loop.difference)} (${qOf(loop)}).`;
  return `In hairpins ${motif} is ${rounded(Math.abs(loop.difference))} ${verdict} important in the loop than in the stem, after subtracting the same difference without hairpins (${intervalOf(loop)}, ${qOf(loop)}). Breaking the stem ${verdict === 'more' ? 'lowers' : 'raises'} the importance of ${motif} in the loop by ${rounded(Math.abs(broken.difference))} (${intervalOf(broken)}, ${qOf(broken)}); other letters that pair again ${verdict === 'more' ? 'raise' : 'lower'} it by ${rounded(Math.abs(restored.difference))} (${intervalOf(restored)}, ${qOf(restored)}).`;
}

const RULE = `The findings state a preference only where three comparisons agree (loop: paired − broken; loop: compensated − broken; loop − stem: paired − unpaired), each with q of at most ${SIGNIFICANT} and a difference of at least ${100 * LEAST_SHARE} % of the motif’s importance.`;

/** What the model knows of the hairpins. */
const SEEN: Readonly<Record<Treatment | 'letters', string>> = {
  letters: 'The model sees letters only, so it can know structure only from letters that could pair.',
  fold: 'The model sees letters and structure. Every sequence is folded after the motif was embedded in it, so paired arms form a stem unless the motif prevents it, and broken arms do not.',
  keep: 'The model sees letters and structure. Backgrounds are folded with their arms but without the motif, and keep this structure when the motif is embedded: the motif changes letters alone.',
};

async function body(files: Files, result: HairpinResult, unit: string): Promise<string> {
  const rows = result.rows;
  const { design } = result;
  const chart = await boxPlot(
    rows.map((row) => {
      const { place, arms, letters } = row.labels;
      return boxOfRow(row, place === 'opposite' ? `${letters} alone` : `${PLACES[place]}, ${ARMS[arms]}`);
    }),
    {
      title: 'Importance in hairpins',
      xLabel: 'place of motif, arms',
      yLabel: `local importance, ${unit}`,
    },
  );
  const scheme = figure(
    hairpinScheme(design, design.motif, result.alphabet),
    'The hairpins: two arms whose letters pair (lines) around a loop. The motif stands in the loop or in an arm. The pale letters opposite are embedded with it, so that it pairs. Positions count from 0.',
  );
  return (
    paragraph(SEEN[result.structure ?? 'letters']) +
    scheme +
    files.figure(
      'hairpin',
      chart.svg,
      rows.map(flatRow),
      `${captionOf(description(result), result)} ${BOXES}`,
    ) +
    paragraph(
      'Paired: the arms form Watson–Crick pairs. Broken: the arms do not pair. Compensated: the arms have other letters, which pair again. Unpaired: the background is unchanged. In a stem the letters opposite the motif are embedded with it, and their importance alone (the last two boxes) is subtracted. The last comparison shows how pairing changes the difference between loop and stem, without the effect of the two positions.',
    ) +
    paragraph(RULE) +
    comparisonTable(result.comparisons, comparison)
  );
}
