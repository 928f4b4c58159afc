/**
 * What a real GPU compiler makes of the matrix kernels' hardware tiles, without a GPU:
 *
 *   npm run bench:static -- [--families navi31,navi21,vega10] [--json FILE]
 *
 * Dawn prints the SPIR-V of each candidate; Mesa's RADV compiles it for AMD chips that need not be there and
 * reports registers, spills, occupancy and machine code. Nothing is run or timed. Exits with 1 when a tile
 * that hardware takes breaks a bound. Needs, from Debian: gcc, libvulkan-dev, spirv-tools,
 * mesa-vulkan-drivers.
 */
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { candidates } from './static/candidates.mjs';
import { brokenBounds, readDump, readStatistics } from './static/dump.mjs';

const DRIVERS = ['x86_64', 'aarch64', 'i686']
  .map((cpu) => `radeon_icd.${cpu}.json`)
  .concat('radeon_icd.json');
const FOLDERS = ['/usr/share/vulkan/icd.d', '/usr/local/share/vulkan/icd.d', '/etc/vulkan/icd.d'];
const beside = (name) => fileURLToPath(new URL(`static/${name}`, import.meta.url));
const run = promisify(execFile);
const OUTPUT = { encoding: 'utf8', maxBuffer: 256 * 2 ** 20 };

/** Something outside this program that is missing or failed: told in one line, without a stack. */
class ToolError extends Error {}

/** Runs a program; one that is not there is named with the Debian package that has it. */
async function tool(program, args, debianPackage, options = {}) {
  try {
    return await run(program, args, { ...OUTPUT, ...options });
  } catch (error) {
    if (error.code === 'ENOENT')
      throw new ToolError(`${program} is not installed (Debian: ${debianPackage})`);
    throw new ToolError(`${program} failed: ${(error.stderr || error.message).trim()}`, { cause: error });
  }
}

function findDriver() {
  const paths = FOLDERS.flatMap((folder) => DRIVERS.map((name) => join(folder, name)));
  const found = paths.find((path) => existsSync(path));
  if (!found) throw new ToolError('the RADV driver is not installed (Debian: mesa-vulkan-drivers)');
  return found;
}

async function buildStatistics(folder) {
  const program = join(folder, 'pipeline-statistics');
  const source = beside('pipeline-statistics.c');
  try {
    await tool('cc', ['-O1', source, '-lvulkan', '-o', program], 'gcc');
  } catch (error) {
    if (/vulkan\/vulkan\.h|-lvulkan/.test(error.message)) {
      throw new ToolError('the Vulkan headers are not installed (Debian: libvulkan-dev)');
    }
    throw error;
  }
  return program;
}

/** What the child process prints; Dawn's part of it bypasses Node and may go to either stream. */
function dumpShaders() {
  const shell = '"$0" "$1" 2>&1';
  try {
    return execFileSync('/bin/sh', ['-c', shell, process.execPath, beside('pipelines.mjs')], OUTPUT);
  } catch (error) {
    const [message] = /^\w*Error: .*$/m.exec(error.stdout ?? '') ?? [error.message];
    throw new ToolError(`no pipelines: ${message}`, { cause: error });
  }
}

async function measure(folder, families) {
  const driver = findDriver();
  const program = await buildStatistics(folder);
  const all = candidates();
  const rows = [];
  for (const { candidate, assembly, entryPoint, buffers } of readDump(dumpShaders())) {
    const { kernel, name, chosen } = all[candidate];
    const spirv = join(folder, 'shader.spv');
    writeFileSync(join(folder, 'shader.asm'), assembly);
    const assemble = ['--target-env', 'vulkan1.3', join(folder, 'shader.asm'), '-o', spirv];
    await tool('spirv-as', assemble, 'spirv-tools');
    for (const chip of families) {
      const env = {
        ...process.env,
        RADV_FORCE_FAMILY: chip,
        VK_DRIVER_FILES: driver,
        VK_ICD_FILENAMES: driver,
        MESA_SHADER_CACHE_DISABLE: 'true',
      };
      const { stdout } = await tool(program, [spirv, entryPoint, ...buffers], 'gcc', { env });
      const statistics = readStatistics(stdout, chip);
      rows.push({
        kernel,
        tile: name,
        chosen,
        chip,
        ...statistics,
        broken: chosen ? brokenBounds({ kernel, ...statistics }, chip) : [],
      });
    }
  }
  return rows;
}

const COLUMNS = {
  kernel: ({ kernel }) => kernel,
  'rows x cols by threads, slice': ({ tile, chosen }) => (chosen ? tile : `(${tile})`),
  chip: ({ chip }) => chip,
  lanes: ({ lanes }) => lanes,
  VGPRs: ({ registers }) => registers,
  spilled: ({ spilled }) => spilled,
  'waves per SIMD': ({ waves }) => waves,
  'LDS bytes': ({ workgroupMemory }) => workgroupMemory,
  fma: ({ multiplyAdds }) => multiplyAdds,
  reads: ({ reads }) => reads,
  shuffles: ({ shuffles }) => shuffles,
  'fma per read': ({ ratio }) => ratio.toFixed(1),
};

/** A Markdown table. */
function print(rows) {
  const names = Object.keys(COLUMNS);
  console.log(`| ${names.join(' | ')} |\n|${names.map(() => '---|').join('')}`);
  for (const row of rows) console.log(`| ${names.map((name) => COLUMNS[name](row)).join(' | ')} |`);
}

const { values: options } = parseArgs({
  options: { families: { type: 'string', default: 'navi31,navi21,vega10' }, json: { type: 'string' } },
});
const folder = mkdtempSync(join(tmpdir(), 'residualbind-static-'));
try {
  const rows = await measure(folder, options.families.split(','));
  if (rows.length === 0) throw new ToolError('Dawn printed no SPIR-V: its adapter here is not a Vulkan one');
  print(rows);
  console.log('\nIn parentheses: not chosen. Reads and multiply-adds are instructions of the whole program.');
  for (const { kernel, chip, broken } of rows) {
    for (const message of broken) console.error(`${kernel} on ${chip}: ${message}`);
  }
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(rows, null, 2)}\n`);
  if (rows.some(({ broken }) => broken.length > 0)) process.exitCode = 1;
} catch (error) {
  if (!(error instanceof ToolError)) throw error;
  console.error(`bench:static: ${error.message}`);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true });
}
