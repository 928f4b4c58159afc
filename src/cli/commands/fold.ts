/** `residualbind fold`: structure profiles of the sequences of a file. */

import type { Command } from 'commander';
import { readEnergies } from '../../data/energies/read-energies.node.js';
import { readLetters } from '../../data/files/read-letters.node.js';
import type { NamedSequences } from '../../data/sequences/parse-sequences.js';
import { encodeSequences, locate } from '../../data/sequences/sequence.js';
import { CONTEXT_LETTERS } from '../../data/structure/contexts.js';
import { count } from '../../device/count.js';
import { InvalidSequenceError } from '../../device/errors.js';
import { foldSequences } from '../../nn/folding/fold-sequences.js';
import { type Contexts, LONGEST_INPUT, TURNER_1999 } from '../../nn/folding/folding.js';
import {
  encodeFolded,
  type FoldedSequences,
  foldedFormat,
  foldedRows,
  foldedTable,
  foldedText,
} from '../folded-files.js';
import {
  choice,
  examples,
  type GpuFlags,
  outputPath,
  type ProfileOptions,
  withGpu,
  withProfile,
} from '../options.js';
import { OutputFile } from '../output/output.js';
import { type LettersOptions, withLetters } from '../probe-options.js';
import { Session } from '../session.js';
import { checkedOption, UsageError } from '../terminal/errors.js';
import { type Io, note, printResult } from '../terminal/io.js';
import { Progress } from '../terminal/progress.js';

interface FoldOptions extends GpuFlags, LettersOptions, ProfileOptions {
  readonly contexts: Contexts;
  readonly energies?: string;
  readonly out?: string;
}

export function addFold(program: Command, io: Io): void {
  const command = program
    .command('fold')
    .description('fold RNA: the probabilities of the structural contexts of every letter')
    .argument('<sequences>', 'FASTA, FASTQ, one sequence per line, or a probe table; plain or gzipped')
    .addOption(
      choice(
        '--contexts <names>',
        'pu: paired, unpaired; phime: paired, hairpin loop, interior loop, multiloop, exterior loop',
        Object.keys(CONTEXT_LETTERS) as Contexts[],
        'phime',
      ),
    )
    .option('--energies <file>', 'a parameter file of ViennaRNA 2 (.par) instead of the Turner 1999 energies')
    .option(
      '--out <file>',
      "a file by its extension: .txt (as DLPRB's annotations: > and the sequence, then a line for each context), .tsv (sequence, context, probabilities), .json, .parquet or .npz; a manifest is written beside it. Default: the text, or for pu the table, on stdout",
      outputPath,
    );
  withGpu(withProfile(withLetters(command)))
    .addHelpText(
      'after',
      examples(
        'fold sequences.fa',
        'fold probes.tsv.gz --out profiles.txt',
        'fold probes.tsv.gz --contexts pu --out profiles.tsv',
        'fold sequences.fa --energies rna_turner2004.par --json',
        'train probes.tsv.gz --structure phime --profiles profiles.txt',
      ),
    )
    .action((sequences: string, options: FoldOptions) => foldFile(io, sequences, options));
}

async function foldFile(io: Io, file: string, options: FoldOptions): Promise<void> {
  const { out, contexts } = options;
  const format = out === undefined ? undefined : checkedOption(() => foldedFormat(out));
  if (format === 'txt' && contexts === 'pu')
    throw new UsageError(`${out}: annotations have all five contexts; write --contexts pu to a .tsv file`);
  using output = out === undefined ? undefined : await OutputFile.open(io, out);
  using session = await Session.start(io, { command: 'fold', given: { sequences: file }, options });
  const given = await readLetters(file, { iupacAsN: options.iupacAsN, signal: io.signal });
  for (const line of given.notes ?? []) note(io, line);
  const read =
    options.energies === undefined ? undefined : await readEnergies(options.energies, { signal: io.signal });
  const codes = codesOf(given);
  const gpu = await session.open();
  session.stage('fold');
  using progress = new Progress(io, { label: 'folding', total: codes.length, unit: 'sequences/s' });
  const profiles = await foldSequences(gpu, codes, {
    contexts,
    energies: read?.energies,
    signal: io.signal,
    onProgress: (done) => progress.update(done),
    nameOf: (record) => locate(given, record),
  });
  progress.finish();
  const folded: FoldedSequences = { names: given.names, sequences: given.sequences, contexts, profiles };
  const record = await session.finish({
    contexts,
    energies: read ? { path: options.energies, sha256: read.sha256 } : TURNER_1999.name,
    input: { path: file, sha256: given.sha256, count: given.names.length },
  });
  if (output && format) {
    await output.write(await encodeFolded(folded, format, record), record);
    note(io, `${count(profiles.length, 'profile is', 'profiles are')} in ${out}`);
  }
  const shown = output?.io ?? io;
  const profileRows = output ? {} : { profiles: foldedRows(folded) };
  if (options.json) printResult(shown, true, { ...record, out: out ?? null, ...profileRows }, '');
  else if (!output) await print(io, contexts === 'pu' ? foldedTable(folded) : foldedText(folded));
}

/** Codes of each sequence. @throws InvalidSequenceError naming the line of one that is too long */
function codesOf(given: NamedSequences): Uint8Array[] {
  return given.sequences.map((sequence, record) => {
    if (sequence.length > LONGEST_INPUT)
      throw new InvalidSequenceError(
        `${locate(given, record)}: the sequence has ${count(sequence.length, 'letter')}; fold takes at most ${LONGEST_INPUT}, so cut the sequence`,
      );
    return encodeSequences([sequence], sequence.length);
  });
}

async function print({ stdout }: Io, text: AsyncIterable<Uint8Array>): Promise<void> {
  const decoder = new TextDecoder();
  for await (const part of text) stdout.write(decoder.decode(part));
}
