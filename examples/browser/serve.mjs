/** Serves this repository to the browser on this machine: `npm run build && node examples/browser/serve.mjs [port]`. */
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const types = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.map': 'application/json',
};
const port = Number(process.argv[2] ?? 8080);

createServer(async ({ url }, response) => {
  const { pathname } = new URL(url, 'http://localhost');
  // `normalize` after the leading slash keeps `..` inside the root.
  const path = join(root, normalize(pathname === '/' ? '/examples/browser/index.html' : pathname));
  try {
    const body = await readFile(path);
    response.writeHead(200, { 'content-type': types[extname(path)] ?? 'text/plain' }).end(body);
  } catch {
    response.writeHead(404).end('not found');
  }
}).listen(port, '127.0.0.1', () => console.log(`http://localhost:${port}/`));
