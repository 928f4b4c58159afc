/** What a reader of a report needs who has not seen one: its terms, its figures' marks, and what each experiment asks. */
import { facts, paragraph, type Section } from './page.js';

/** By section. */
const QUESTIONS: Readonly<Record<string, string>> = {
  multiplicity: 'Does a sequence with more copies of the motif count more, and do copies add up?',
  spacing: 'Do two copies help or hinder each other, and at what distance?',
  positions: 'Does it matter where in the sequence the motif is?',
  affinity: 'Do variants that bind more tightly, as measured, count more?',
  hairpin:
    'Does the motif count more in the loop of a hairpin than in its stem? The model sees letters only; it can know of structure by which letters could pair.',
  gc: 'Does G and C at either end of the sequence change what the motif counts?',
};

/** A section with its question above it, where it has one. */
export const asking = (section: Section): Section => {
  const question = QUESTIONS[section.id];
  return question === undefined ? section : { ...section, body: paragraph(question) + section.body };
};

const TERMS: readonly (readonly [string, string])[] = [
  [
    'background',
    'A sequence that patterns are written into; random, with the nucleotide frequencies of the training sequences, unless the last section says otherwise.',
  ],
  [
    'local importance',
    'How much writing a pattern into one background changes the prediction: with it less without it.',
  ],
  ['global importance', 'The mean of the local importances over all backgrounds.'],
  [
    'unit',
    'That of the model’s output, beside the axes. Where scores were normalised it is a standard deviation of the training scores (s.d. of scores).',
  ],
  ['95 % interval', 'Confidence interval of a mean over backgrounds, by Student’s t.'],
  [
    'difference, d',
    'Comparisons are paired: the same backgrounds both ways. d is Cohen’s, the mean difference in standard deviations of the difference.',
  ],
  [
    'q',
    'p value of a t test over backgrounds, corrected for the number of tests (Benjamini and Hochberg): those of an experiment, or all patterns of the sweep. Findings call a difference one below 0.05. It falls with more backgrounds; whether a difference is large is another question.',
  ],
  [
    'position',
    'Positions in a background count from 0; letters of a motif and of a measured sequence from 1.',
  ],
  [
    'sensitivity',
    'How much a letter matters: the L2 norm (root of the summed squares) of what its three replacements change.',
  ],
];

export const READING: Section = {
  id: 'reading',
  title: 'How to read this page',
  body:
    facts(TERMS) +
    paragraph(
      'Marks of figures say their numbers when pointed at or touched; with a keyboard, Tab reaches a figure and the left and right arrows go through its marks. Headings sort tables.',
    ),
};
