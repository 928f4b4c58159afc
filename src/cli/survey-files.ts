/**
 * What a survey shows beside its models: names of proteins, published correlations and known motifs, from
 * files.
 */

import type { Command } from 'commander';
import { type FileDigest, readText } from '../data/files/text-file.node.js';
import type { Fact } from '../report/report-facts.js';
import { type NamesTable, nameProteins, parseNames } from '../report/survey/names.js';
import {
  checkPublished,
  keyedByExperiments,
  type Published,
  parsePublished,
} from '../report/survey/published.js';
import { COMPARE, type NamedMotifs, readKnown } from './known-motifs.js';
import type { Io } from './terminal/io.js';

/** Options of commands that make a survey. */
export interface SurveyFileOptions {
  readonly names?: string | undefined;
  readonly published?: string | undefined;
  /** Files and folders of known motifs. */
  readonly compare?: readonly string[] | undefined;
}

/** The files, as they were read. */
export interface SurveyFiles {
  readonly names?: (NamesTable & FileDigest) | undefined;
  readonly published?: (Published & FileDigest) | undefined;
  readonly known?: NamedMotifs | undefined;
}

/** --names, --published and --compare. */
export const withSurveyFiles = (command: Command): Command =>
  command
    .option(
      '--names <file>',
      'table that names the proteins of experiments, such as info_all.tab: one column has the experiments, one is called Gene_name',
    )
    .option(
      '--published <file>',
      'table of published test correlations to compare with: experiments in the first column, then a column for each method',
    )
    .option(
      COMPARE,
      'files and folders of known motifs (MEME, CIS-BP, HOMER, JASPAR, TRANSFAC …): shows the motif of each model above the most similar one',
    );

/** @throws FormatError naming file and line */
export async function readSurveyFiles(
  io: Io,
  { names, published, compare }: SurveyFileOptions,
): Promise<SurveyFiles> {
  return {
    names: names === undefined ? undefined : await readWith(names, parseNames),
    published: published === undefined ? undefined : await readWith(published, parsePublished),
    known: compare === undefined ? undefined : await readKnown(io, compare),
  };
}

/** A text that a parser reads, and its digest. */
async function readWith<Value extends object>(
  path: string,
  parse: (text: string, source: string) => Value,
): Promise<Value & FileDigest> {
  const { text, sha256 } = await readText(path);
  return { ...parse(text, path), sha256 };
}

/**
 * Whether files are about the experiments that a survey will have, so that a long study does not end with an
 * error.
 *
 * @throws FormatError as `survey`
 */
export function checkSurveyFiles({ names, published }: SurveyFiles, experiments: readonly string[]): void {
  const proteins = names && nameProteins(names, experiments).proteins;
  if (!published) return;
  const asked = experiments.map((experiment) => ({
    experiment,
    aliases: proteins?.get(experiment)?.aliases,
  }));
  checkPublished(keyedByExperiments(published, asked).published, experiments);
}

/** Where names, correlations and motifs are from. */
export const surveyFileFacts = ({ names, published, known }: SurveyFiles): readonly Fact[] => [
  ...(names ? [fileFact('names of proteins', names)] : []),
  ...(published ? [fileFact('published correlations', published)] : []),
  ...(known ? [fileFact('known motifs', known)] : []),
];

const fileFact = (name: string, { source, sha256 }: FileDigest & { readonly source: string }): Fact => [
  name,
  `${source} (${sha256.slice(0, 12)}…)`,
];
