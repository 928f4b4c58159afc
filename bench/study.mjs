/**
 * Six simulated proteins studied from tables to survey, and whether the results say what was planted: five
 * motifs, of which two count more in the loops of hairpins and one more beside GC at the 3′ end, and pure
 * noise.
 *
 *   npm run bench:study -- [--out DIR] [--probes 6000] [--epochs 10] [--filters 24] [--backgrounds 200]
 *
 * Exits with 1 where a result differs from what was planted. With --out, the pages stay there.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { run } from '../dist/cli/program.js';
import { GC_EVIDENCE, gcVerdicts, HAIRPIN_EVIDENCE, hairpinVerdict } from '../dist/gia/experiments/index.js';
import { data } from '../dist/index.js';

const { values } = parseArgs({
  options: {
    out: { type: 'string' },
    probes: { type: 'string', default: '6000' },
    epochs: { type: 'string', default: '10' },
    filters: { type: 'string', default: '24' },
    backgrounds: { type: 'string', default: '200' },
  },
});

/**
 * All proteins see the same kind of library, like that of Ray et al. 2009: half of the probes are stem-loops
 * with arms of 10 and loops of 6 or 7. A network learns the loops that its library has, and no others; the
 * report embeds loops of 6.
 */
const LIBRARY = { fraction: 0.5, arm: 10 };
const LOOPS = [6, 7];
/** Pairing takes more probes to learn than letters. */
const HAIRPIN_PROBES = 4;
/** One probe in so many tests. */
const TEST = 5;
const PROTEINS = [
  { name: 'RBFOX', motif: 'UGCAUG' },
  { name: 'PTB', motif: 'UCUUCU' },
  { name: 'VTS', motif: 'GCUGGC', factor: 5 },
  { name: 'U1A', motif: 'UUGCAC', factor: 5 },
  { name: 'GCBIAS', motif: 'AGAAGA', gcBias: 3, gcSide: '3' },
  { name: 'NOISE', motif: 'UGCAUG', isNoise: true },
];

const folder = values.out ?? mkdtempSync(join(tmpdir(), 'residualbind-study-'));
mkdirSync(folder, { recursive: true });
const tables = PROTEINS.map(({ name, isNoise, factor = 1, ...planted }, i) => {
  const count = (Number(values.probes) * (factor > 1 ? HAIRPIN_PROBES : 1)) / LOOPS.length;
  const parts = LOOPS.map((loop, part) => {
    const hairpin = { ...LIBRARY, factor, loop };
    return data.simulateProbes({ count, seed: 1 + LOOPS.length * i + part, ...planted, hairpin }).probes;
  });
  const sequences = parts.flatMap((probes) => probes.sequences);
  const measured = parts.flatMap((probes) => [...probes.scores]);
  // Scores of other probes: nothing can be learned from them.
  const scores = isNoise ? permuted(measured) : measured;
  const rows = sequences.map((letters, p) => `${p % TEST === 0 ? 'B' : 'A'}\t${letters}\t${scores[p]}\n`);
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
const numbers = [];
const wrong = [...(code === 0 ? [] : [`study ended with ${code}`]), ...PROTEINS.flatMap(differences)];
console.table(numbers);
for (const text of wrong) console.error(`differs: ${text}`);
console.log(
  `${PROTEINS.length} proteins in ${seconds.toFixed(0)} s: ${wrong.length === 0 ? 'all as planted' : `${wrong.length} differences`}`,
);
if (values.out === undefined) rmSync(folder, { recursive: true });
process.exitCode = wrong.length === 0 ? 0 : 1;

/** What survey and report say otherwise than it was planted. */
function differences({ name, motif, factor = 1, gcBias = 0, isNoise = false }) {
  const row = rows.find((each) => each.name === name);
  if (!row) return [`${name} is not in the survey`];
  const report = join(study, 'experiments', name, 'report');
  const resultOf = (experiment) =>
    JSON.parse(readFileSync(join(report, 'figures', `${experiment}.json`), 'utf8'));
  const [hairpin, gc] = ['hairpin', 'gc'].map(resultOf);
  const found = { hairpins: hairpinVerdict(hairpin), ...gcVerdicts(gc) };
  numbers.push({ name, r: row.pearson, motif: row.motif, ...found, ...sharesOf(hairpin, gc) });
  const findings = findingsIn(join(report, 'report.html'));
  if (isNoise)
    return [
      ...(row.has_learned === 'false' ? [] : [`${name} seems to have learned something`]),
      ...['hairpins', 'gc5', 'gc3'].flatMap((effect) =>
        row[effect] === '' ? [] : [`${name}: the survey has ${effect} ${row[effect]}`],
      ),
      ...(findings.includes(row.motif) ? [`the findings of ${name} name a motif`] : []),
    ];
  const expected = { hairpins: factor > 1 ? 'more' : 'none', gc5: 'none', gc3: gcBias > 0 ? 'more' : 'none' };
  return [
    ...(row.has_learned === 'true' ? [] : [`${name} has learned nothing`]),
    ...(findings.includes(row.motif) ? [] : [`the findings of ${name} do not name ${row.motif}`]),
    ...(longestShared(row.motif, motif) >= 5 ? [] : [`${name}: the top 6-mer is ${row.motif}, not ${motif}`]),
    ...Object.entries(expected).flatMap(([effect, verdict]) => [
      ...(found[effect] === verdict
        ? []
        : [`${name}: the report has ${effect} ${found[effect]}, not ${verdict}`]),
      ...(row[effect] === verdict
        ? []
        : [`${name}: the survey has ${effect} ${row[effect]}, not ${verdict}`]),
    ]),
  ];
}

/** The comparisons behind the verdicts, as shares of the importance of the motif alone. */
function sharesOf(hairpin, gc) {
  const inLoop = hairpin.rows.find(({ labels }) => labels.place === 'loop' && labels.arms === 'unpaired');
  const alone = gc.rows.find(({ labels }) => labels.condition === 'motif');
  const share = ({ comparisons }, name, { importance }) => {
    const found = comparisons.find(({ labels }) => labels.comparison === name);
    return `${((100 * found.difference) / Math.abs(importance)).toFixed(1)} %`;
  };
  return Object.fromEntries([
    ...HAIRPIN_EVIDENCE.map((name) => [name, share(hairpin, name, inLoop)]),
    ...Object.values(GC_EVIDENCE).map((name) => [name, share(gc, name, alone)]),
  ]);
}

/** The list of findings of a page. */
function findingsIn(path) {
  const [list = ''] = /<ul class="findings">.*?<\/ul>/s.exec(readFileSync(path, 'utf8')) ?? [];
  return list;
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
