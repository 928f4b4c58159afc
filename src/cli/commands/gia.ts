/**
 * `residualbind gia`: global importance analysis of all k-mers (`sweep`), of chosen patterns (`importance`),
 * and experiments.
 */

import type { Command } from 'commander';
import { readText } from '../../data/index.node.js';
import { expandPatterns, parsePatternList } from '../../gia/patterns/pattern-sets.js';
import type { AnalysisOptions } from '../analysis/analysis.js';
import { withBackgrounds, withKept } from '../analysis/background-options.js';
import { analyse } from '../analysis/exhaustive.js';
import { withTask } from '../models/models.js';
import { examples, outputPath } from '../options.js';
import { UsageError } from '../terminal/errors.js';
import type { Io } from '../terminal/io.js';
import { addExperiments } from './experiments.js';
import { addMotifs } from './gia-motifs.js';
import { addPlan } from './gia-plan.js';
import { addSweep } from './gia-sweep.js';

interface ImportanceOptions extends AnalysisOptions {
  readonly file?: string;
}

/** Rows printed, unless more patterns were named. */
const MOST_SHOWN = 20;

export function addGia(program: Command, io: Io): void {
  const gia = program
    .command('gia')
    .description('global importance analysis: how much patterns change predictions');
  addSweep(gia, io);
  addImportance(gia, io);
  addMotifs(gia, io);
  addPlan(gia, io);
  addExperiments(gia, io);
  gia.addHelpText(
    'after',
    examples(
      'gia sweep run --out 6-mers.tsv',
      "gia importance run 'UGCAUG@17' 'UGCAUG@3+UGCAUG@13'",
      'gia motifs run known.meme --out motifs.tsv --report motifs',
      'gia plan --k 8',
    ),
  );
}

function addImportance(gia: Command, io: Io): void {
  const command = gia
    .command('importance')
    .description('global importance of chosen patterns: LETTERS@POSITION, several sites joined by +')
    .argument('<model>', 'directory that train wrote, or a .safetensors file')
    .argument('[patterns...]', 'for example UGCAUG@17, or UGCAUG@3+UGCAUG@13; positions count from 0')
    .option('--file <file>', 'more patterns, one per line')
    .option('--out <file>', 'the table: .tsv, .json, .parquet or .npz; a manifest goes beside it', outputPath)
    .option('--fresh', 'ignore the checkpoint of an unfinished analysis and start again');
  withBackgrounds(withTask(withKept(command)))
    .addHelpText(
      'after',
      `
Letters are ACGU (or T), N (the background's letter stays) and IUPAC codes such as R for A or G (one pattern for each
letter). A position is a number, a range such as 3..20, or * for everywhere that probes have letters; two ranges make
a grid.
${examples(
  "gia importance run 'UGCAUG@17'",
  "gia importance run 'UGCAUG@3' 'UGCAUG@3+UGCAUG@10' 'UGCAUG@3+UGCAUG@10+UGCAUG@17' --out multiplicity.tsv",
  "gia importance run 'GCGCGC@34+UGCAUG@17' --null uniform --json",
  "gia importance run 'UGCRUG@17' 'NNUGCAUGNN@15'",
  "gia importance run 'UGCAUG@*+UGCAUG@*' --out grid.tsv",
  'gia importance run --file patterns.txt --out importances.parquet',
)}`,
    )
    .action(async (path: string, texts: string[], options: ImportanceOptions) => {
      const { file } = options;
      if (texts.length === 0 && file === undefined)
        throw new UsageError('there are no patterns; name some, or give a --file of them');
      const list = file === undefined ? undefined : await readText(file);
      await analyse(io, {
        command: 'gia importance',
        paths: [path],
        options: { patterns: texts, ...options },
        parts: (length, letters) => {
          const room = { letters, allowPadding: options.allowPadding };
          const given = expandPatterns(texts, length, room);
          const listed = list ? parsePatternList(list.text, length, file, room) : [];
          // A pattern that two texts stand for is tested once.
          return [[...new Map([...given, ...listed].map((pattern) => [pattern.name, pattern])).values()]];
        },
        shown: Math.max(texts.length, MOST_SHOWN),
      });
    });
}
