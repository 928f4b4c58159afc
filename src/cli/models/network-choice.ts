/** Options that say which network is trained: a preset and its sizes, or a file. */

import { type Command, Option } from 'commander';
import { ALPHABETS, type Alphabet } from '../../data/sequences/letters.js';
import { type Contexts, channelsWith, contextsIn } from '../../data/structure/contexts.js';
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
  /** Structure channels that the network takes beside the letters. */
  readonly structure?: Contexts;
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
  const { preset, head, filters, hidden, alphabet, network, structure } = options;
  const channels = channelsWith(structure);
  if (network === undefined)
    return ({ length, outputs }) =>
      architecture(preset, { head, length, channels, outputs, filters, hidden, alphabet });
  const made = await readNetwork(network);
  return ({ length, outputs, fixed = false }) => {
    const own = made({ length, alphabet, channels });
    if (fixed && own.length !== length)
      throw new UsageError(
        `${network}: its length is ${own.length}, but --length is ${length}; leave one of them out`,
      );
    if (alphabet !== undefined && own.alphabet !== alphabet)
      throw new UsageError(
        `${network}: its alphabet is ${own.alphabet}, but --alphabet is ${alphabet}; leave one of them out`,
      );
    if (own.channels !== channels)
      throw new UsageError(`${network}: ${strayChannels(own.channels, structure)}`);
    if (outputs !== undefined && outputsOf(own) !== outputs)
      throw new UsageError(
        `${network}: its head has ${count(outputsOf(own), 'output')}, but --score-column chooses ${count(outputs, 'column')}; there must be as many`,
      );
    return own;
  };
}

/** What is wrong with a network that has other channels than were asked for. */
function strayChannels(channels: number, structure: Contexts | undefined): string {
  const takes = contextsIn(channels);
  const needed = channelsWith(structure);
  const asked =
    structure === undefined ? 'sequences without structure have' : `--structure ${structure} needs`;
  const advice = takes ? `; train takes ${channels} with --structure ${takes}` : '';
  return `it has ${channels} channels, but ${asked} ${needed}${advice}`;
}
