/** The page of a model with several outputs: tasks side by side, then everything of each. */

import { describe, expect, it } from 'vitest';
import type { ExperimentResult } from '../src/gia/experiments/index.js';
import { fileNamesOf } from '../src/gia/tables/file-names.js';
import { modelReport, type TasksReport } from '../src/report/model-report.js';
import { expectVisible, hasBrowser, inBrowser } from './support/browser.js';
import { RESULTS } from './support/experiment-results.js';

const TASKS = ['RBFOX2', 'MBNL1', 'a <task>'];

/** A result in every task, in each of which all importances are ten times as large as in the one before. */
function inAll<Result extends ExperimentResult>(result: Result): Result {
  const readouts = TASKS.map((task, output) => ({ model: 0, output, task }));
  const times = <Row>(rows: readonly Row[], field: keyof Row): Row[] =>
    readouts.flatMap((readout) =>
      rows.map((row) => ({ ...row, ...readout, [field]: (row[field] as number) * 10 ** readout.output })),
    );
  return {
    ...result,
    rows: times<ExperimentResult['rows'][number]>(result.rows, 'importance'),
    comparisons: times<ExperimentResult['comparisons'][number]>(result.comparisons, 'difference'),
    facts: readouts.map((readout) => ({ ...result.facts[0], ...readout })),
  };
}

const PATTERNS = ['GCA', 'UGC', 'AAA', 'CCC'];
/** The top is the first pattern in the first task, the second in the second, the third in the third. */
const sweepOf = (task: string, top: number) =>
  PATTERNS.map((pattern, i) => ({
    task,
    pattern,
    importance: i === top ? 2 : 0.1 * i - 0.2,
    n: 100,
    q: 0.5,
  }));
const sequence = (task: string) => ({
  name: `best of ${task}`,
  task,
  sequence: 'GCA',
  offset: 0,
  prediction: 1.5,
  scores: { A: [1, 2, 0], C: [1, 0, 2], G: [0, 1, 1], U: [1, 1, 1] },
  heights: [1, 2, 3],
});
const REPORT: TasksReport = {
  name: 'a model',
  facts: [['seed', '1']],
  tasks: TASKS.map((task, i) => ({
    task,
    sweep: sweepOf(task, i),
    experiments: Object.values(RESULTS).map((result) => inAll(result)),
    // Enough sequences for r to be better than chance.
    agreement: {
      measured: Array.from({ length: 20 }, (_, n) => n + i),
      predicted: Array.from({ length: 20 }, (_, n) => n % 10),
      pearson: 0.5 + 0.1 * i,
    },
    attributions: [sequence(task)],
  })),
};

const made = await modelReport(REPORT);
const contents = (path: string) => made.files.find((file) => file.path === path)!.contents;

describe('the report of several tasks', () => {
  it('has a section for each task with everything in it, and the tasks side by side', () => {
    const ids = [...made.page.matchAll(/<section id="([^"]+)"/g)].map(([, id]) => id!);
    const parts = [
      ...['agreement', 'sweep', 'motif', 'multiplicity', 'spacing', 'positions', 'affinity', 'hairpin', 'gc'],
      'sequences',
    ];
    expect(ids).toEqual([
      'findings',
      'reading',
      ...[1, 2, 3].flatMap((n) => [`task-${n}`, ...parts.map((part) => `task-${n}-${part}`)]),
      'about',
    ]);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(made.page).toContain(`href="#${id}"`);
    expect(made.page).toContain('<h2>RBFOX2</h2>');
    expect(made.page).toContain('<h3>All 3-mers</h3>');
    expect(made.page).toContain('<b>RBFOX2</b> · <a href="#task-2">MBNL1</a>');
    expect(made.page).toContain(
      'RBFOX2: GCA is the most important pattern, with an importance of 2.00. Its largest effect on another task is −0.20 (MBNL1).',
    );
    expect(made.page).toContain('a &lt;task&gt;: AAA is the most important pattern');
    expect(made.page).not.toContain('<task>');
    expect(contents('figures/tasks.tsv').split('\n').slice(0, 3)).toEqual([
      'top_of\tpattern\ttask\timportance',
      'RBFOX2\tGCA\tRBFOX2\t2',
      'RBFOX2\tGCA\tMBNL1\t-0.2',
    ]);
  });

  it('keeps the files of each task in a folder of its own, and names the task', () => {
    const paths = made.files.map(({ path }) => path);
    expect(new Set(paths).size).toBe(paths.length);
    for (const [, href] of made.page.matchAll(/href="(figures[^"]+)"/g)) expect(paths).toContain(href);
    // The name of the third cannot be that of a folder, so all have their numbers.
    const [first] = contents('figures/task-1/sweep.tsv').split('\n');
    expect(first).toMatch(/^task\tpattern\t/);
    expect(contents('figures/task-2/multiplicity.tsv').split('\n')[1]).toContain('MBNL1');
    // The schemes of hairpins and the figure of all tasks are not of one task.
    const captions = [...made.page.matchAll(/<figcaption>(.*?)<\/figcaption>/gs)].map(
      ([, caption]) => caption!,
    );
    expect(captions.filter((caption) => caption.includes('Task: MBNL1.'))).toHaveLength(11);
    expect(captions.filter((caption) => !caption.includes('Task: '))).toHaveLength(1 + 3);
  });

  it('reports a task’s own output, and below what the same did in the others', () => {
    const section = (id: string) => made.page.split(`<section id="${id}"`)[1]!.split('</section>')[0]!;
    expect(section('task-1')).toContain('ranges from 0.00 (at position 0) to 9.00 (at position 9)');
    expect(section('task-2')).toContain('to 90.00 (at position 9)');
    const beside = section('task-2-positions').split('<details>')[1]!;
    expect(beside).toContain('RBFOX2: The importance of GCA ranges from 0.00 (at position 0) to 9.00');
    expect(beside).toContain(
      'a &lt;task&gt;: The importance of GCA ranges from 0.00 (at position 0) to 900.00',
    );
    expect(beside).not.toContain('MBNL1: ');
  });

  it.skipIf(!hasBrowser)('opens in a browser without an error, every figure visible', async () => {
    await inBrowser(async (tab) => {
      await expectVisible(tab, made.page, 3 * 12 + 1);
      // A task is open in the contents once it was asked for.
      await tab.setViewport({ width: 1280, height: 900 });
      await tab.setContent(made.page, { waitUntil: 'load' });
      const shown = () => tab.$eval('nav a[href="#task-2-gc"]', (link) => link.checkVisibility());
      expect(await shown()).toBe(false);
      await tab.click('nav li:nth-child(4) summary');
      expect(await shown()).toBe(true);
    });
  });
});

describe('fileNamesOf', () => {
  it('are the names of tasks, or their numbers where one cannot be the name of a file', () => {
    expect(fileNamesOf(['RBFOX2', 'MBNL1+'])).toEqual(['RBFOX2', 'MBNL1+']);
    for (const bad of ['a/b', '..', 'rbfox2', 'x y', ''])
      expect(fileNamesOf(['RBFOX2', bad])).toEqual(['task-1', 'task-2']);
  });
});
