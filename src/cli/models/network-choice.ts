/** Options that say which network is trained: a preset and its sizes, or a file. */

import { type Command, Option } from 'commander';
import { ALPHABETS, type Alphabet } from '../../data/sequences/letters.js';
import { count } from '../../device/count.js';
import { type Architecture, type Head, outputsOf } from '../../nn/architecture.js';
import { readNetwork } from '../../nn/files/network-file.node.js';
import { architecture, PRESETS, type Preset } from '../../nn/presets.js';
import { choice, positiveInteger } from '../options.js';
import { UsageError } from '../terminal/errors.js';

export interface NetworkOptions {
  readonly preset: Preset;
  readonly head: Head;
  readonly filters?: number;
  readonly hidden?: number;
  readonly alphabet?: Alphabet;
  /** A JSON file, in place of all of these. */
  readonly network?: string;
}

/** --preset, --filters, --hidden, --head, --network and --alphabet. */
export const withNetwork = (command: Command): Command =>
  command
    .addOption(choice('--preset <name>', 'network', Object.keys(PRESETS), 'paper'))
    .addOption(
      choice(
        '--head <kind>',
        'kind of score: a number, or the classes 0 and 1',
        ['regression', 'classification'],
        'regression',
      ),
    )
    .option('--filters <n>', "channels of the convolutions (default: the preset's)", positiveInteger)
    .option('--hidden <n>', "units of the dense layer (default: the preset's)", positiveInteger)
    .addOption(
      choice(
        '--alphabet <name>',
        'letters that results of this model are printed and drawn in; U and T are both read (default: rna, or that of --network)',
        ALPHABETS,
      ),
    )
    .addOption(
      new Option(
        '--network <file>',
        'a network of your own: a JSON file with its list of "layers" (docs/networks.md)',
      ).conflicts(['preset', 'head', 'filters', 'hidden']),
    );

/** What the data ask of the network. */
interface Asked {
  readonly length: number;
  /** Whether the user asked for this length. Default false. */
  readonly fixed?: boolean;
  /** Tasks of the table. Default: as many as the network has outputs. */
  readonly outputs?: number;
}

/**
 * The network for a table, by its options.
 *
 * @throws FormatError or ShapeError for a network that makes no sense; UsageError where it has another
 * length, alphabet or number of outputs than the options and the table
 */
export async function networkChoice(options: NetworkOptions): Promise<(asked: Asked) => Architecture> {
  const { preset, head, filters, hidden, alphabet, network } = options;
  if (network === undefined)
    return ({ length, outputs }) =>
      architecture(preset, { head, length, outputs, filters, hidden, alphabet });
  const made = await readNetwork(network);
  return ({ length, outputs, fixed = false }) => {
    const own = made({ length, alphabet });
    if (fixed && own.length !== length)
      throw new UsageError(
        `${network}: its length is ${own.length}, but --length is ${length}; leave one of them out`,
      );
    if (alphabet !== undefined && own.alphabet !== alphabet)
      throw new UsageError(
        `${network}: its alphabet is ${own.alphabet}, but --alphabet is ${alphabet}; leave one of them out`,
      );
    if (own.channels !== 4)
      throw new UsageError(
        `${network}: it has ${own.channels} channels, but train reads sequences without structure, so there must be 4`,
      );
    if (outputs !== undefined && outputsOf(own) !== outputs)
      throw new UsageError(
        `${network}: its head has ${count(outputsOf(own), 'output')}, but --score-column chooses ${count(outputs, 'column')}; there must be as many`,
      );
    return own;
  };
}
