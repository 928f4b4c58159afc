/** The reader of structure profiles: its inputs, and what must be true of everything that it accepts. */
import { parseProfiles } from '../../dist/data/index.js';
import { holds, texts } from './inputs.mjs';

const LETTERS = /^[ACGUN]+$/;

const profiles = {
  name: 'structure profiles',
  share: 4,
  inputs: texts(
    [
      '>AC\n\t0.1\t0.2\n\t0.2\t0.2\n\t0.3\t0\n\t0\t0.1\n\t0.4\t0.5\n>G\n\t1\n\t0\n\t0\n\t0\n\t0\n',
      '#unpaired probabilities\n #i$\tl=1\t2\n1\t0.9\tNA\n2\t0.25\t0.2\n',
      'sequence\tcontext\tprobabilities\nAC\tP\t0.5 1\nAC\tU\t0.5 0\nGGU\tU\t0.1 0.2 0.3\n',
    ],
    [
      ...'>a|>AC|AC|P|H|U|0|1|0.5|-0.0001|1.3|nan|NA|1e-9|#|context|l=1|(((|%!|\t|\n|\r\n| '.split('|'),
      '#unpaired probabilities',
      '#opening energies',
    ],
  ),
  read: (text) => parseProfiles(text, 'x', 'a'),
  check({ contexts, starts, values, places, sequences: found, names }) {
    const width = { pu: 2, phime: 5 }[contexts];
    holds(places.length > 0 && starts.length === places.length + 1, 'there is no profile');
    holds(values.length === starts.at(-1) * width, 'values are missing');
    holds(
      values.every((value) => value >= 0 && value <= 1),
      'a value is no probability',
    );
    for (let i = 0; i < values.length; i += width) {
      const sum = values.subarray(i, i + width).reduce((total, value) => total + value, 0);
      holds(Math.abs(sum - 1) < 0.02, `probabilities sum to ${sum}`);
    }
    holds(
      !found || found.every((each, i) => LETTERS.test(each) && each.length === starts[i + 1] - starts[i]),
      'a sequence has another length',
    );
    holds(!(found && names), 'labels are sequences and names');
  },
};

export const PROFILE_READERS = [profiles];
