/**
 * Installs the packed package in an empty folder, as a stranger would, and uses it there: counts packages and
 * megabytes, type-checks programs that import it, and runs the README's example in Node, in a worker thread,
 * in Deno and Bun where these are installed, and as bundles of esbuild and Vite in headless Chromium.
 *
 *   npm run build && node scripts/check-embedding.mjs [--drivers] [--keep]
 *
 * --drivers  also opens SwiftShader out of the oldest and the newest @sparticuz/chromium, downloaded for it
 * --keep     leaves the folder
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';

const LIMITS = { packages: 100, megabytes: 150 };
const DRIVERS = ['147.0.0', 'latest'];
const root = fileURLToPath(new URL('..', import.meta.url));
const { values: options } = parseArgs({
  options: { drivers: { type: 'boolean' }, keep: { type: 'boolean' } },
});
const home = await mkdtemp(join(tmpdir(), 'residualbind-embedding-'));

/** Runs a program in the folder. @returns what it printed; throws with what it complained about */
async function run(command, args, settings = {}) {
  const { stdout } = await promisify(execFile)(command, args, { cwd: home, maxBuffer: 2 ** 26, ...settings });
  return stdout.trim();
}

/** The packed package. */
let tarball;

const started = performance.now();
async function step(name, body) {
  const outcome = await body();
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  console.log(`${seconds.padStart(4)} s  ${name.padEnd(12)} ${outcome}`);
}

/** The README's example, with fewer probes and a smaller network. */
async function example() {
  const text = await readFile(join(root, 'examples/quickstart.mjs'), 'utf8');
  const smaller = [
    ['count: 4000', 'count: 400'],
    ['3600', '360'],
    ['filters: 32, hidden: 64', 'filters: 4, hidden: 4'],
    ['epochs: 10', 'epochs: 1'],
    ['count: 100', 'count: 8'],
  ];
  return smaller.reduce((code, [from, to]) => {
    if (!code.includes(from)) throw new Error(`examples/quickstart.mjs no longer holds "${from}"`);
    return code.replaceAll(from, to);
  }, text);
}

/** The importance is the only line of the example that is a number. */
function checked(printed) {
  const value = printed.split('\n').find((line) => line.trim() !== '' && Number.isFinite(Number(line)));
  if (value === undefined) throw new Error(`the example printed no importance, but "${printed}"`);
  return `importance ${Number(value).toFixed(4)}`;
}

async function folderSize(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

async function install() {
  const packed = await run('npm', ['pack', root, '--ignore-scripts', '--json', '--pack-destination', home]);
  const [{ filename }] = JSON.parse(packed);
  tarball = join(home, filename);
  await writeFile(join(home, 'package.json'), '{ "private": true, "type": "module" }\n');
  await run('npm', ['install', '--no-audit', '--no-fund', tarball]);
  const lock = JSON.parse(await readFile(join(home, 'package-lock.json'), 'utf8'));
  const packages = Object.keys(lock.packages).length - 1;
  const megabytes = (await folderSize(join(home, 'node_modules'))) / 2 ** 20;
  if (packages > LIMITS.packages || megabytes > LIMITS.megabytes)
    throw new Error(
      `${packages} packages and ${megabytes.toFixed(0)} MB: more than ${JSON.stringify(LIMITS)}`,
    );
  return `${packages} packages, ${megabytes.toFixed(0)} MB`;
}

/** The optional package with a software driver, so that the example runs on machines without Vulkan too. */
async function installDriver() {
  const { devDependencies } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const name = '@sparticuz/chromium';
  await run('npm', ['install', '--no-audit', '--no-fund', `${name}@${devDependencies[name]}`]);
  return `${name} ${devDependencies[name]}`;
}

/** The declarations of every entry point, those of their dependencies included. */
async function typeCheck() {
  const entries = ['', '/data', '/experiments', '/report', '/files'];
  const lines = entries.map((entry, i) => `export * as e${i} from 'residualbind-webgpu${entry}';`);
  await writeFile(join(home, 'types.ts'), `${lines.join('\n')}\n`);
  const modes = { NodeNext: 'NodeNext', Bundler: 'ESNext' };
  for (const [moduleResolution, module] of Object.entries(modes)) {
    const compilerOptions = { module, moduleResolution, target: 'ES2022', lib: ['ES2022'], types: [] };
    Object.assign(compilerOptions, { strict: true, noEmit: true, skipLibCheck: false });
    await writeFile(join(home, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['types.ts'] }));
    await run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', home]).catch(
      (error) => {
        throw new Error(`${moduleResolution}: ${error.stdout}`);
      },
    );
  }
  return Object.keys(modes).join(', ');
}

const WORKER = `import { SHARE_ENV, Worker } from 'node:worker_threads';
new Worker(new URL('./example.mjs', import.meta.url), { env: SHARE_ENV });
`;

/** Runs the example by another program, where it is installed. */
async function elsewhere(program, args) {
  try {
    await run(program, ['--version']);
  } catch {
    return 'not installed';
  }
  return checked(await run(program, args));
}

/** Writes the page that a bundle is shown in: its outcome becomes the title. */
async function page(folder, script) {
  await mkdir(join(home, folder), { recursive: true });
  await writeFile(
    join(home, folder, 'index.html'),
    `<!doctype html><title>running</title><script type="module">
      const say = console.log;
      const lines = [];
      console.log = (...values) => { lines.push(values.map(String).join(' ')); say(...values); };
      import(${JSON.stringify(script)}).then(
        () => { document.title = \`done \${lines.find((line) => Number.isFinite(Number(line)))}\`; },
        (error) => { document.title = \`failed \${error.stack}\`; });
    </script>`,
  );
}

async function bundleByEsbuild() {
  await run('npm', ['install', '--no-audit', '--no-fund', '--no-save', 'esbuild']);
  const outfile = join(home, 'esbuild/app.js');
  const args = ['example.mjs', '--bundle', '--format=esm', `--outfile=${outfile}`];
  await run(join(home, 'node_modules/.bin/esbuild'), args);
  await page('esbuild', './app.js');
  return size(outfile);
}

async function bundleByVite() {
  const { build } = await import('vite');
  const lib = { entry: join(home, 'example.mjs'), formats: ['es'], fileName: 'app' };
  await build({
    root: home,
    configFile: false,
    logLevel: 'warn',
    build: { lib, outDir: 'vite', emptyOutDir: true },
  });
  const [file] = (await readdir(join(home, 'vite'))).filter((name) => /^app\.m?js$/.test(name));
  await page('vite', `./${file}`);
  return size(join(home, 'vite', file));
}

const size = async (file) => `${((await stat(file)).size / 1024).toFixed(0)} KiB`;

/** Serves the folder and opens its bundles in headless Chromium, on the SwiftShader that it brings. */
async function browser() {
  const server = createServer(async ({ url }, response) => {
    const path = join(home, decodeURI(new URL(url, 'http://localhost').pathname));
    const type = extname(path) === '.html' ? 'text/html' : 'text/javascript';
    await readFile(path).then(
      (body) => response.writeHead(200, { 'content-type': type }).end(body),
      () => response.writeHead(404).end(),
    );
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const [{ default: chromium }, { launch }] = await Promise.all([
    import('@sparticuz/chromium'),
    import('puppeteer-core'),
  ]);
  const tab = await launch({
    executablePath: await chromium.executablePath(),
    args: [
      ...chromium.args,
      '--enable-unsafe-webgpu',
      '--enable-features=Vulkan',
      '--use-webgpu-adapter=swiftshader',
    ],
    headless: 'shell',
  });
  try {
    const outcomes = [];
    for (const folder of ['esbuild', 'vite']) {
      const view = await tab.newPage();
      await view.goto(`http://localhost:${server.address().port}/${folder}/index.html`);
      await view.waitForFunction("document.title !== 'running'", { timeout: 120_000 });
      const title = await view.title();
      if (!title.startsWith('done ')) throw new Error(`${folder}: ${title}`);
      outcomes.push(`${folder} ${checked(title.slice(5))}`);
    }
    return outcomes.join(', ');
  } finally {
    await tab.close();
    server.close();
  }
}

/** SwiftShader out of real packages, in a cache of its own. */
async function driver(version) {
  const folder = join(home, 'driver', version);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n');
  const packages = [tarball, `@sparticuz/chromium@${version}`];
  await run('npm', ['install', '--no-audit', '--no-fund', ...packages], { cwd: folder });
  await writeFile(
    join(folder, 'open.mjs'),
    `import { requestGpu } from 'residualbind-webgpu';
const gpu = await requestGpu({ adapter: 'swiftshader' });
console.log(gpu.adapter.name);
gpu.dispose();
`,
  );
  const env = { ...process.env, XDG_CACHE_HOME: join(home, 'cache') };
  return run(process.execPath, ['open.mjs'], { cwd: folder, env });
}

try {
  await step('install', install);
  await step('types', typeCheck);
  await step('driver', installDriver);
  await writeFile(join(home, 'example.mjs'), await example());
  await writeFile(join(home, 'worker.mjs'), WORKER);
  await step('Node', async () => checked(await run(process.execPath, ['example.mjs'])));
  await step('worker', async () => checked(await run(process.execPath, ['worker.mjs'])));
  await step('Deno', () => elsewhere('deno', ['run', '--allow-all', 'example.mjs']));
  await step('Bun', () => elsewhere('bun', ['example.mjs']));
  await step('esbuild', bundleByEsbuild);
  await step('Vite', bundleByVite);
  await step('Chromium', browser);
  if (options.drivers)
    for (const version of DRIVERS) await step('driver', async () => `${version}: ${await driver(version)}`);
} catch (error) {
  console.error(error.stderr || error.stack);
  process.exitCode = 1;
} finally {
  if (options.keep) console.log(home);
  else await rm(home, { recursive: true, force: true });
}
