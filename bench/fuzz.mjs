/**
 * Fuzzing: gives damaged and odd inputs to each reader of the built package.
 *
 *   npm run bench:fuzz -- [--inputs 30000] [--seed 1] [--reader NAME] [--path PATH]
 *
 * A reader may only throw the package's own errors, which have a code. It must not accept anything that
 * breaks its promises, nor a damaged file that means something else. It must take at most two seconds, and
 * its message at most 1,000 characters. Exits with 1 if a reader breaks one of these rules, and prints how to
 * get this input again.
 */
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { ResidualBindError } from '../dist/index.js';
import { ENERGY_READERS } from './fuzz/energy-readers.mjs';
import { fileReaders } from './fuzz/file-readers.mjs';
import { MOTIF_READERS } from './fuzz/motif-readers.mjs';
import { PROFILE_READERS } from './fuzz/profile-readers.mjs';
import { SEQUENCE_READERS } from './fuzz/sequence-readers.mjs';
import { SURVEY_READERS } from './fuzz/survey-readers.mjs';
import { TEXT_READERS } from './fuzz/text-readers.mjs';
import { number, table } from './table.mjs';

const { values } = parseArgs({
  options: {
    inputs: { type: 'string', default: '30000' },
    seed: { type: 'string', default: '1' },
    reader: { type: 'string' },
    path: { type: 'string' },
  },
});
const LONGEST_MS = 2000;
const LONGEST_MESSAGE = 1000;

/** Runs one reader on its share of the inputs. */
async function fuzz({ name, inputs, values: odd, read, check }, numRuns, seed, path) {
  const seen = { name, inputs: 0, accepted: 0, refused: 0, slowest: 0, seconds: 0, failure: undefined };
  const arbitrary = odd ? fc.oneof(inputs, odd) : inputs;
  const property = fc.asyncProperty(arbitrary, async (input) => {
    const began = performance.now();
    let accepted;
    try {
      accepted = { value: await read(input) };
    } catch (error) {
      if (!(error instanceof ResidualBindError && typeof error.code === 'string'))
        throw new Error(`untyped error: ${error?.stack ?? error}`);
      if (error.message.length > LONGEST_MESSAGE)
        throw new Error(`a message of ${error.message.length} characters: ${error.message.slice(0, 200)}`);
    }
    const ms = performance.now() - began;
    seen.inputs++;
    seen.slowest = Math.max(seen.slowest, ms);
    if (ms > LONGEST_MS) throw new Error(`took ${ms.toFixed(0)} ms`);
    if (accepted) {
      seen.accepted++;
      check(accepted.value, input);
    } else seen.refused++;
  });
  const began = performance.now();
  const result = await fc.check(property, {
    numRuns,
    seed,
    ...(path && { path }),

    // If only one reader is tested, spend the time to shrink the input.
    endOnFailure: values.reader === undefined,
  });
  seen.seconds = (performance.now() - began) / 1000;
  if (result.failed) {
    const input = result.counterexample?.[0];
    const shown = JSON.stringify(input instanceof Uint8Array ? Buffer.from(input).toString('base64') : input);
    seen.failure = [
      `${name}: ${result.errorInstance?.message ?? result.error ?? 'interrupted'}`,
      `  again: npm run bench:fuzz -- --reader '${name}' --seed ${seed} --inputs ${values.inputs} --path ${result.counterexamplePath}`,
      `  input: ${shown?.slice(0, 600)}`,
    ].join('\n');
  }
  return seen;
}

const files = await fileReaders();
const readers = [
  ...TEXT_READERS,
  ...SEQUENCE_READERS,
  ...MOTIF_READERS,
  ...PROFILE_READERS,
  ...ENERGY_READERS,
  ...SURVEY_READERS,
  ...files.readers,
];
const total = readers.reduce((sum, { share }) => sum + share, 0);
const chosen = readers.filter(({ name }) => values.reader === undefined || name === values.reader);
if (chosen.length === 0) throw new Error(`--reader is one of: ${readers.map(({ name }) => name).join(', ')}`);
const results = [];
for (const reader of chosen) {
  const numRuns = Math.ceil((Number(values.inputs) * reader.share) / total);
  results.push(await fuzz(reader, numRuns, Number(values.seed), values.path));
}
files.close();
const sums = { name: 'all', inputs: 0, accepted: 0, refused: 0, slowest: 0, seconds: 0 };
for (const result of results) {
  for (const key of ['inputs', 'accepted', 'refused', 'seconds']) sums[key] += result[key];
  sums.slowest = Math.max(sums.slowest, result.slowest);
}
console.log(
  table(
    {
      '<reader': ({ name }) => name,
      inputs: ({ inputs }) => number(inputs),
      accepted: ({ accepted }) => number(accepted),
      refused: ({ refused }) => number(refused),
      seconds: ({ seconds }) => number(seconds, 1),
      'slowest ms': ({ slowest }) => number(slowest, 1),
    },
    [...results, sums],
  ),
);
const failures = results.flatMap(({ failure }) => failure ?? []);
for (const failure of failures) console.error(`\n${failure}`);
// Without this, Dawn may keep the process alive for minutes after its device is gone.
process.exit(failures.length > 0 ? 1 : 0);
