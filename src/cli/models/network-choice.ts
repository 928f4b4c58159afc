/** Options that say which network is trained: a preset and its sizes, or a file. */

import { type Command, Option } from 'commander';
import { type Alphabet, type Architecture, type Head, outputsOf } from '../../nn/architecture.js';
import { readNetwork } from '../../nn/files/network-file.node.js';
import { architecture, PRESETS, type Preset } from '../../nn/presets.js';
import { choice, positiveInteger } from '../options.js';
import { UsageError } from '../terminal/errors.js';

export interface NetworkOptions {
  readonly preset: Preset;
  readonly head: Head;
  readonly alphabet: Alphabet;
  readonly filters?: number;
  readonly hidden?: number;
  /** A JSON file, in place of all of these but the alphabet. */
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
      new Option(
        '--network <file>',
        'a network of your own, as a JSON list of layers (docs/networks.md)',
      ).conflicts(['preset', 'head', 'filters', 'hidden']),
    )
    .addOption(
      choice(
        '--alphabet <name>',
        'whether U or T is printed and drawn; both are read',
        ['rna', 'dna'],
        'rna',
      ),
    );

/** What the data ask of the network. */
interface Asked {
  readonly length: number;
  /** Tasks of the table. Default: as many as the network has outputs. */
  readonly outputs?: number;
}

/**
 * The network for a table, by its options.
 *
 * @throws FormatError or ShapeError for a network that makes no sense; UsageError where it has another number of
 * outputs than the table has tasks
 */
export async function networkChoice(options: NetworkOptions): Promise<(asked: Asked) => Architecture> {
  const { preset, head, alphabet, filters, hidden, network } = options;
  if (network === undefined)
    return (asked) => architecture(preset, { head, alphabet, ...asked, filters, hidden } as object);
  const made = await readNetwork(network);
  return ({ length, outputs }) => {
    const own = made({ length, alphabet });
    if (outputs !== undefined && outputsOf(own) !== outputs)
      throw new UsageError(
        `${network}: its head has ${outputsOf(own)} outputs, but --score-column chooses ${outputs}; make them agree`,
      );
    return own;
  };
}
