/** What is written for people passes on nothing that a terminal would obey, wherever it comes from. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { note, printResult } from '../src/cli/terminal/io.js';
import { plain, plainJson, plainName } from '../src/cli/terminal/plain-text.js';
import { cli } from './support/cli.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'residualbind-plain-'));
});
afterAll(() => rm(folder, { recursive: true }));

const TITLE = '\u001b]0;owned\u0007';
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is they that are looked for
const OBEYED = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/;

describe('plain text', () => {
  it('shows control characters as escapes, and keeps tabs, line feeds and letters', () => {
    expect(plain('a\u001b[31mb\tc\nd\r\u009b2Jé')).toBe('a\\u001b[31mb\tc\nd\\u000d\\u009b2Jé');
    expect(plain('txt.\u202egnp')).toBe('txt.\\u202egnp');
    expect(plainName('a\nerror: b\tc')).toBe('a\\u000aerror: b\\u0009c');
  });

  it('is JSON that reads back as the same', () => {
    const value = { name: `${TITLE}\u009b\u2028` };
    expect(plainJson(value)).not.toMatch(OBEYED);
    expect(JSON.parse(plainJson(value))).toEqual(value);
  });
});

describe('messages and results', () => {
  it('pass on no escape sequence', () => {
    const written: string[] = [];
    const stream = { write: (text: string) => written.push(text) };
    const io = { stdout: stream, stderr: stream, signal: new AbortController().signal };
    note(io, `adapter: ${TITLE}`);
    printResult(io, false, {}, `top ${TITLE}`);
    printResult(io, true, { name: TITLE }, '');
    for (const text of written) expect(text.replace(/\n$/, '')).not.toMatch(OBEYED);
  });

  it.each([
    { why: 'of an output', args: (name: string) => ['simulate', '--probes', '10', '--out', name] },
    { why: 'of an input', args: (name: string) => ['train', name, '--out', join(folder, 'run')] },
    { why: 'that commander echoes', args: (name: string) => ['simulate', '--out', 'x', '--probes', name] },
    { why: 'of a command', args: (name: string) => [name] },
    { why: 'in a stack', args: (name: string) => ['motif', name, '--debug'] },
    { why: 'in JSON', args: (name: string) => ['motif', name, '--json'] },
  ])('pass on none from a name $why', async ({ args }) => {
    const name = join(folder, `a${TITLE}\u009b2J\rb\u202e.tsv`);
    const { stdout, stderr } = await cli(args(name));
    expect(stdout + stderr).toContain('\\u001b]0;owned');
    expect(stdout).not.toMatch(OBEYED);
    expect(stderr).not.toMatch(OBEYED);
  });

  it('forge no line by a line break in a name', async () => {
    const { stderr } = await cli(['motif', join(folder, 'a\nerror: b.tsv')]);
    expect(stderr).toMatch(/^error: [^\n]*a\\u000aerror: b\.tsv[^\n]*\n$/);
  });

  it('pass on none from a field of a table', async () => {
    const table = join(folder, 'fields.tsv');
    await writeFile(table, `set\tsequence\tintensity\nA\tAC${TITLE}GU\t1\nB\tACGU\t${TITLE}\n`);
    const { code, stderr } = await cli(['train', table, '--out', join(folder, 'run')]);
    expect(code).toBe(1);
    expect(stderr).not.toMatch(OBEYED);
  });
});

it.each(['a\tb', 'a\nb', 'a\rb'])(
  'the path %j of one of several models is refused before the sweep',
  async (path) => {
    const { code, stderr } = await cli(['gia', 'sweep', 'model', path, '--out', join(folder, 't.tsv')]);
    expect(code).toBe(2);
    expect(stderr).toContain('must have no tab and no line break');
  },
);
