/**
 * Six simulated proteins studied from tables to survey, and whether the results say what was planted: four
 * motifs, two of them with a preference for hairpin loops, one more with a GC bias, and one pure noise.
 *
 *   npm run bench:study -- [--out DIR] [--probes 4000] [--epochs 8] [--filters 24] [--backgrounds 100]
 *
 * Exits with 1 where a result differs from what was planted. With --out, the pages stay there.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { run } from '../dist/cli/program.js';
import { data } from '../dist/index.js';

const { values } = parseArgs({
  options: {
    out: { type: 'string' },
    probes: { type: 'string', default: '4000' },
    epochs: { type: 'string', default: '8' },
    filters: { type: 'string', default: '24' },
    backgrounds: { type: 'string', default: '100' },
  },
});

/** Loops are learned from more probes than letters are. */
const HAIRPIN = { fraction: 0.8, factor: 5 };
const HAIRPIN_PROBES = 5;
const PROTEINS = [
  { name: 'RBFOX', motif: 'UGCAUG' },
  { name: 'PTB', motif: 'UCUUCU' },
  { name: 'VTS', motif: 'GCUGGC', hairpin: HAIRPIN },
  { name: 'U1A', motif: 'UUGCAC', hairpin: HAIRPIN },
  { name: 'GCBIAS', motif: 'AGAAGA', gcBias: -1.5 },
  { name: 'NOISE', motif: 'UGCAUG', isNoise: true },
];

const folder = values.out ?? mkdtempSync(join(tmpdir(), 'residualbind-study-'));
mkdirSync(folder, { recursive: true });
const tables = PROTEINS.map(({ name, isNoise, ...planted }, i) => {
  const count = Number(values.probes) * (planted.hairpin ? HAIRPIN_PROBES : 1);
  const { probes } = data.simulateProbes({ count, seed: i + 1, ...planted });
  // Scores of other probes: nothing can be learned from them.
  const scores = isNoise ? permuted(probes.scores) : probes.scores;
  const rows = probes.sequences.map((sequence, p) => `${probes.sets[p]}\t${sequence}\t${scores[p]}\n`);
  const path = join(folder, `${name}.tsv`);
  writeFileSync(path, ['set\tsequence\tintensity\n', ...rows].join(''));
  return path;
});

const began = performance.now();
const study = join(folder, 'study');
const options = ['epochs', 'filters', 'backgrounds'].flatMap((name) => [`--${name}`, values[name]]);
const code = await run(
  [
    'study',
    ...tables,
    '--out',
    study,
    '--hidden',
    '48',
    '--batch',
    '50',
    '--learning-rate',
    '5e-3',
    ...options,
  ],
  {
    stdout: process.stdout,
    stderr: process.stderr,
    signal: new AbortController().signal,
  },
);
const seconds = (performance.now() - began) / 1000;
const rows = rowsOf(readFileSync(join(study, 'survey', 'survey.tsv'), 'utf8'));
const wrong = [...(code === 0 ? [] : [`study ended with ${code}`]), ...PROTEINS.flatMap(differences)];
for (const text of wrong) console.error(`differs: ${text}`);
console.log(
  `${PROTEINS.length} proteins in ${seconds.toFixed(0)} s: ${wrong.length === 0 ? 'all as planted' : `${wrong.length} differences`}`,
);
if (values.out === undefined) rmSync(folder, { recursive: true });
process.exitCode = wrong.length === 0 ? 0 : 1;

/** What the survey says otherwise than it was planted. */
function differences({ name, motif, hairpin, gcBias = 0, isNoise = false }) {
  const row = rows.find((each) => each.name === name);
  if (!row) return [`${name} is not in the survey`];
  if (isNoise) return row.has_learned === 'false' ? [] : [`${name} seems to have learned something`];
  return [
    ...(row.has_learned === 'true' ? [] : [`${name} has learned nothing`]),
    ...(longestShared(row.motif, motif) >= 4 ? [] : [`${name}: the top 6-mer is ${row.motif}, not ${motif}`]),
    ...(hairpin && !(Number(row.loop_over_stem) > 0)
      ? [`${name}: loop - stem is ${row.loop_over_stem}`]
      : []),
    ...(gcBias < 0 && !(Number(row.effect5) < 1 && Number(row.effect3) < 1)
      ? [`${name}: GC effect sizes are ${row.effect5} and ${row.effect3}`]
      : []),
  ];
}

/** Letters of the longest word that stands in both. */
function longestShared(a, b) {
  for (let k = a.length; k > 0; k--)
    for (let from = 0; from + k <= a.length; from++) if (b.includes(a.slice(from, from + k))) return k;
  return 0;
}

/** Scores in the order of a fixed permutation. */
function permuted(scores) {
  const { train, valid } = data.splitValidation(scores.length, 0.5, 99);
  return [...train, ...valid].map((from) => scores[from]);
}

function rowsOf(text) {
  const [header, ...lines] = text
    .trimEnd()
    .split('\n')
    .map((line) => line.split('\t'));
  return lines.map((cells) => Object.fromEntries(cells.map((cell, i) => [header[i], cell])));
}
