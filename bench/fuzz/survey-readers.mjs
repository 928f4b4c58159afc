/** Readers of what a survey is given beside reports: names of proteins and published correlations. */
import { nameProteins, parseNames } from '../../dist/report/survey/names.js';
import { joinPublished, keyedByExperiments, parsePublished } from '../../dist/report/survey/published.js';
import { texts } from './inputs.mjs';

function holds(condition, what) {
  if (!condition) throw new Error(`accepted, although ${what}`);
}

const EXPERIMENTS = ['RNCMPT00001', 'RNCMPT00168', 'x'];

const names = {
  name: 'names of proteins',
  share: 2,
  inputs: texts(
    [
      'Motif_ID\tMotif_display_ID\tGene_name\tSpecies\tDomains\nRBP_1\tRNCMPT00001\tA1CF\tHs\t"RRM_1,RRM_1"\nRBP_2\tRNCMPT00168\tA2BP1\tHs\tRRM\n',
      'x,Fox\nRNCMPT00168,"Vts1"\n',
    ],
    [
      'RNCMPT00001',
      'RNCMPT00168',
      'x',
      'Gene_name',
      'protein',
      'Species',
      'NA',
      '"',
      '""',
      '\t',
      ',',
      ';',
      '\r\n',
      '\uFEFF',
      '#',
    ],
  ),
  read: (text) => nameProteins(parseNames(text, 'n'), EXPERIMENTS),
  check({ proteins, record, note }) {
    holds(
      [...proteins].every(
        ([experiment, { name, aliases }]) => EXPERIMENTS.includes(experiment) && aliases.includes(name),
      ),
      'a protein has no name or no experiment',
    );
    holds(record.experiments + record.unnamed.length === EXPERIMENTS.length, 'experiments are missing');
    holds(typeof note === 'string', 'nothing is said');
  },
};

const published = {
  name: 'published correlations',
  share: 2,
  inputs: texts(
    ['experiment\tRCK\tThermoNet\nRNCMPT00001\t0.5\t0.7\nx\tNA\t-0.1\n', 'e,M\nfox,0.5\nRNCMPT00168,1\n'],
    [
      'RNCMPT00001',
      'RNCMPT00168',
      'x',
      'fox',
      'NA',
      '0.5',
      '1.5',
      '-1',
      '1e-3',
      '"',
      '""',
      '\t',
      ',',
      ';',
      '\r\n',
      '\uFEFF',
      '#',
    ],
  ),
  read(text) {
    const asked = EXPERIMENTS.map((experiment, i) => ({
      experiment,
      aliases: i === 1 ? ['Fox'] : undefined,
    }));
    const { published: keyed } = keyedByExperiments(parsePublished(text, 'p'), asked);
    return {
      keyed,
      join: joinPublished(
        EXPERIMENTS.map((experiment) => ({ experiment, pearson: 0.5 })),
        keyed,
      ),
    };
  },
  check({ keyed: { experiments, methods }, join }) {
    for (const row of experiments.values())
      holds(
        row.length === methods.length && row.every((r) => r === undefined || Math.abs(r) <= 1),
        'a row is none',
      );
    holds(join.experiments.length + join.untrained.length === experiments.size, 'rows are missing');
  },
};

export const SURVEY_READERS = [names, published];
