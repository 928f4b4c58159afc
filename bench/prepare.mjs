/**
 * How long `residualbind prepare` takes on a table of many experiments, and how much memory.
 *
 *   npm run bench:prepare -- [--rows 240000] [--columns 244] [--missing 0.03] [--plain] [--json FILE]
 *
 * Writes DeepBind's pair of files with simulated scores, sequences.tsv and targets.tsv, gzipped unless
 * --plain is given, and prepares them in a process of its own, whose peak memory is measured.
 */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createGzip } from 'node:zlib';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rows: { type: 'string', default: '240000' },
    columns: { type: 'string', default: '244' },
    missing: { type: 'string', default: '0.03' },
    plain: { type: 'boolean', default: false },
    json: { type: 'string' },
  },
});

const mib = (path) => (statSync(path).size / 2 ** 20).toFixed(0);

if (positionals[0] === 'run') await child();
else await parent();

/** Runs the command line, and prints what the process has used. */
async function child() {
  const { run } = await import('../dist/cli/program.js');
  const began = performance.now();
  const code = await run(positionals.slice(1), {
    stdout: process.stderr,
    stderr: process.stderr,
    signal: new AbortController().signal,
  });
  const seconds = (performance.now() - began) / 1000;
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
  const cpu = (userCPUTime + systemCPUTime) / 1e6;
  console.log(JSON.stringify({ code, seconds, cpuSeconds: cpu, peakMiB: maxRSS / 1024 }));
}

/** A stream of lines into a file, gzipped unless `--plain` is given. */
function output(path) {
  const file = createWriteStream(path);
  const stream = values.plain ? file : createGzip({ level: 1 });
  if (stream !== file) stream.pipe(file);
  return {
    async write(text) {
      if (!stream.write(text)) await once(stream, 'drain');
    },
    async end() {
      stream.end();
      await once(file, 'finish');
    },
  };
}

/** xorshift32: the same files at every run. */
function random(seed) {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

async function simulate(folder, rows, columns, missing) {
  const draw = random(20161);
  const ending = values.plain ? '' : '.gz';
  const paths = {
    sequences: join(folder, `sequences.tsv${ending}`),
    targets: join(folder, `targets.tsv${ending}`),
  };
  const [sequences, targets] = [output(paths.sequences), output(paths.targets)];
  // Numbers as texts, made once: writing 58 million of them anew would take most of the time.
  const numbers = Array.from({ length: 2 ** 16 }, () => {
    const sum = Array.from({ length: 12 }, () => draw() / 2 ** 32).reduce((a, b) => a + b, -6);
    return sum.toFixed(6);
  });
  const names = Array.from({ length: columns }, (_, i) => `RNCMPT${String(i + 1).padStart(5, '0')}`);
  await sequences.write('Fold ID\tEvent ID\tseq\n');
  await targets.write(`${names.join('\t')}\n`);
  const limit = missing * 2 ** 32;
  for (let row = 0; row < rows; row++) {
    const letters = Array.from({ length: 38 + (draw() % 4) }, () => 'ACGT'[draw() >>> 30]).join('');
    await sequences.write(`${row % 2 === 0 ? 'A' : 'B'}\tprobe${row + 1}\t${letters}\n`);
    const cells = Array.from({ length: columns }, () => (draw() < limit ? 'NaN' : numbers[draw() & 0xffff]));
    await targets.write(`${cells.join('\t')}\n`);
  }
  await Promise.all([sequences.end(), targets.end()]);
  return paths;
}

async function parent() {
  const folder = mkdtempSync(join(tmpdir(), 'residualbind-prepare-'));
  try {
    const [rows, columns, missing] = [values.rows, values.columns, values.missing].map(Number);
    const began = performance.now();
    const paths = await simulate(folder, rows, columns, missing);
    const out = join(folder, 'data.parquet');
    console.log(
      `simulated ${rows} x ${columns} in ${((performance.now() - began) / 1000).toFixed(0)} s, ${mib(paths.targets)} MiB`,
    );
    const self = fileURLToPath(import.meta.url);
    const command = ['prepare', paths.sequences, '--scores', paths.targets, '--out', out];
    const results = { rows, columns, missing, cores: availableParallelism(), node: process.version };
    const { stdout, stderr } = spawnSync(process.execPath, [self, 'run', '--', ...command], {
      encoding: 'utf8',
    });
    const used = stdout.startsWith('{') ? JSON.parse(stdout) : {};
    if (used.code !== 0) throw new Error(`prepare failed: ${stderr}`);
    results.prepare = used;
    console.log(
      `prepare: ${used.seconds.toFixed(1)} s (${used.cpuSeconds.toFixed(1)} s of CPU), peak memory ${used.peakMiB.toFixed(0)} MiB`,
    );
    results.dataSetMiB = Number(mib(out));
    console.log(`data set: ${results.dataSetMiB} MiB`);
    if (values.json) writeFileSync(values.json, `${JSON.stringify(results, null, 2)}\n`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
