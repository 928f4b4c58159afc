/** The whole command line as one function of arguments, streams and a signal; `main.ts` runs it. */

import { Command, CommanderError } from 'commander';
import { versions } from '../device/versions.node.js';
import { addCompare } from './commands/compare.js';
import { addConvert } from './commands/convert.js';
import { addDemo } from './commands/demo.js';
import { addDoctor } from './commands/doctor.js';
import { addEvaluate } from './commands/evaluate.js';
import { addFold } from './commands/fold.js';
import { addGia } from './commands/gia.js';
import { addInspect } from './commands/inspect.js';
import { addIsm } from './commands/ism.js';
import { addMotif } from './commands/motif.js';
import { addPredict } from './commands/predict.js';
import { addPrepare } from './commands/prepare.js';
import { addReport } from './commands/report.js';
import { addSimulate } from './commands/simulate.js';
import { addStudy } from './commands/study.js';
import { addSurvey } from './commands/survey.js';
import { addTrain } from './commands/train.js';
import { addTune } from './commands/tune.js';
import { removeEmptyFolders } from './output/files.js';
import { EXIT, type ReportOptions, reportError } from './terminal/errors.js';
import { type Io, note, shown } from './terminal/io.js';
import { checkStandardInput } from './terminal/standard-input.js';

/**
 * @param argv arguments after the program's name
 *
 * @returns the exit code: 0, 1 failure, 2 usage, 130 cancelled
 */
export async function run(argv: readonly string[], { names, ...streams }: Io): Promise<number> {
  const io = { ...streams, names: names ?? argv.filter((argument) => /[\t\n]/.test(argument)) };
  let code: number = EXIT.ok;
  const exit = (value: number) => {
    code = value;
  };
  const program = new Command('residualbind')
    .description('Train ResidualBind and ask it what it has learned: global importance analysis on WebGPU.')
    .version((await versions())['residualbind-webgpu'])
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void io.stdout.write(shown(io, text)),
      writeErr: (text) => void io.stderr.write(shown(io, text)),
      getOutHelpWidth: () => io.stdout.columns ?? 80,
      getErrHelpWidth: () => io.stderr.columns ?? 80,
    });
  program.hook('preAction', (_, command) => checkStandardInput(io, command));
  addSimulate(program, io);
  addPrepare(program, io);
  addInspect(program, io, exit);
  addTrain(program, io, exit);
  addEvaluate(program, io);
  addPredict(program, io);
  addFold(program, io);
  addConvert(program, io);
  addCompare(program, io, exit);
  addGia(program, io);
  addIsm(program, io);
  addReport(program, io);
  addSurvey(program, io);
  addStudy(program, io, exit);
  addMotif(program, io);
  addDoctor(program, io);
  addTune(program, io);
  addDemo(program, io);
  try {
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    code = reportError(io, error, optionsOf(argv));
    const isMissing = error instanceof CommanderError && error.code === 'commander.missingArgument';
    if (isMissing && argv.includes('--compare'))
      note(io, '--compare takes all arguments up to the next option; write the others before it');
  }
  if (code !== EXIT.ok) removeEmptyFolders();
  return code;
}

/** What decides how an error is shown, whichever command it came from. */
export const optionsOf = (argv: readonly string[]): ReportOptions => ({
  debug: argv.includes('--debug'),
  json: argv.includes('--json'),
});
