/** The section for a new reader of a report: its terms, and how its figures and tables are used. */

import { facts, paragraph, type Section } from './page/page.js';

const TERMS: readonly (readonly [string, string])[] = [
  [
    'background',
    'A sequence into which patterns are written. Backgrounds are random, with the nucleotide frequencies of the training sequences, unless the last section says otherwise.',
  ],
  ['local importance', 'The prediction for one background with the pattern minus the prediction without it.'],
  ['global importance', 'The mean of the local importances over all backgrounds.'],
  [
    'unit',
    'The unit of the model’s output, named beside the axes. Where scores were normalised, it is the standard deviation of the training scores (s.d. of scores).',
  ],
  ['95 % interval', 'The confidence interval of a mean over backgrounds, by Student’s t.'],
  [
    'difference, d',
    'Comparisons are paired: both sides use the same backgrounds. d is Cohen’s d, the mean difference divided by the standard deviation of the differences.',
  ],
  [
    'q',
    'The p value of a t test over backgrounds, corrected for the number of tests (Benjamini and Hochberg): the tests of an experiment, or all patterns of the sweep. Findings report a difference where q is at most 0.05. More backgrounds make q smaller; q does not say whether a difference is large. Findings on copies, spacing, hairpins and GC also need a difference of at least a tenth of the importance that it changes, because training leaves small accidental differences in every network. Values below 1e‑300 are shown as < 1e‑300.',
  ],
  [
    'position',
    'Positions in a background count from 0. Letters of a motif and of a measured sequence count from 1.',
  ],
  [
    'sensitivity',
    'How much a letter matters: the L2 norm (the root of the summed squares) of the three changes that its replacements make.',
  ],
];

export const READING: Section = {
  id: 'reading',
  title: 'How to read this page',
  body:
    facts(TERMS) +
    paragraph(
      'Point at or touch a mark of a figure to see its numbers. With a keyboard, Tab reaches a figure, and the left and right arrows go through its marks. Click a heading to sort its table.',
    ),
};
