/** `-` in place of a file: standard input, for one input of a command. */

import type { Command } from 'commander';
import { STDIN } from '../../data/files/input.node.js';
import { UsageError } from './errors.js';
import { type Io, note } from './io.js';

/**
 * Checks before a command begins how often it is to read standard input. Prints a note where that is a
 * terminal, since the command then waits for the user.
 *
 * @throws UsageError for more than once
 */
export function checkStandardInput(io: Io, command: Command): void {
  const { out: _, ...options } = command.opts() as Record<string, unknown>;
  const given = [command.processedArgs, Object.values(options)].flat(3);
  const times = given.filter((value) => value === STDIN).length;
  if (times > 1)
    throw new UsageError(
      `standard input (-) can be read only once, but ${times} inputs name it; name files for the others`,
    );
  if (times === 1 && process.stdin.isTTY) note(io, 'reading standard input; Ctrl-D ends it');
}
