/** `residualbind gia motifs`: which motifs of a database does a model respond to? */

import type { Command } from 'commander';
import { withBackgrounds } from '../analysis/background-options.js';
import { askDatabase, type DatabaseOptions } from '../analysis/database-run.js';
import { withTask } from '../models/models.js';
import { examples, outputPath, positive, positiveInteger, themeOption } from '../options.js';
import type { Io } from '../terminal/io.js';

export function addMotifs(gia: Command, io: Io): void {
  const command = gia
    .command('motifs')
    .description('which known motifs does a model respond to? Embeds sites of each motif of a database')
    .argument('<model>', 'directory that train wrote, or a .safetensors file')
    .argument(
      '<databases...>',
      'files and folders of motifs, in any format that docs/motifs.md lists; together they are one database',
    )
    .option(
      '--model <model>',
      'another model of the same network to ask as well; may be repeated',
      (path: string, paths: readonly string[] = []) => [...paths, path],
    )
    .option(
      '--positions <list>',
      'where sites begin, such as 17 or 3,17,28; importances are means over these positions (default: each motif in the middle of the positions where probes have letters)',
    )
    .option('--out <file>', 'the table: .tsv, .json, .parquet or .npz; a manifest goes beside it', outputPath)
    .option('--report <dir>', 'a page with logos and figures, and a file for each figure', outputPath)
    .option('--table <file>', 'a table of gia sweep of the same models, whose top k-mers the page shows')
    .addOption(themeOption())
    .option('--top <n>', 'how many motifs to print', positiveInteger, 10)
    .option('--checkpoint <s>', 'seconds between checkpoints of an analysis with --out', positive, 10)
    .option('--fresh', 'ignore the checkpoint of an unfinished analysis and start again');
  withBackgrounds(withTask(command))
    .addHelpText(
      'after',
      `
For each background, one site is drawn from the matrix of each motif and embedded. The importance of a motif is the
mean change of the prediction; motifs are ranked by it, and q corrects its paired t-test for the number of motifs
(Benjamini and Hochberg). The column shuffled is the importance of the same letters in random order. The column
specific is the importance minus shuffled: the effect of a motif beyond the composition of its sites.
score_r is the correlation between a site's log-odds under the matrix and its effect.
${examples(
  'gia motifs run known.meme',
  'gia motifs run known.meme --out motifs.tsv --report motifs',
  'gia motifs run CISBP-RNA/ jaspar.txt --out motifs.parquet',
  'gia motifs run known.meme --report motifs --table 6-mers.tsv',
  'gia motifs fold-1 known.meme --model fold-2 --model fold-3 --out motifs.parquet',
  'gia motifs run known.meme --backgrounds 200 --null dinuc --sequences probes.fa --json',
  'gia motifs run known.meme --positions 3,10,17,24,31',
)}`,
    )
    .action((model: string, databases: string[], options: DatabaseOptions) =>
      askDatabase(io, model, databases, options),
    );
}
