/**
 * The demo's report: planted truth, most important k-mers and what every stage took, as one static HTML page
 * without scripts. A pure function; writing the file is the caller's.
 */

import type { GiaRow } from '../gia/tables/table.js';
import { coefficient } from './correlation.js';
import { html } from './page/page.js';
import { THEMES, type Theme, themeAttribute } from './page/page-style.js';

/** What one stage of a run took. */
export interface DemoStage {
  readonly name: string;
  /** What was done, for people. */
  readonly what: string;
  readonly seconds: number;
  readonly dispatches: number;
  readonly submits: number;
}

/** What the report of the demonstration shows. */
export interface DemoReport {
  readonly adapter: { readonly name: string; readonly class: string };
  /** The planted motif's consensus. */
  readonly planted: string;
  /** Most important k-mers, best first. */
  readonly top: readonly GiaRow[];
  readonly test: { readonly pearson: number; readonly spearman: number; readonly n: number };
  /** Sizes of model and data, one sentence. */
  readonly sizes: string;
  readonly stages: readonly DemoStage[];
  /** ISO 8601. */
  readonly started: string;
  readonly theme?: Theme | undefined;
}

/** Whether the most important k-mer is the planted motif. */
export const isRecovered = ({ planted, top }: Pick<DemoReport, 'planted' | 'top'>): boolean =>
  top[0]?.pattern === planted;

/** The report of the demonstration, an HTML page. */
export function demoReport(report: DemoReport): string {
  const { adapter, planted, top, test, sizes, stages, started, theme } = report;
  const best = top[0]?.pattern ?? 'none';
  const verdict = isRecovered(report)
    ? `The planted motif ${planted} is recovered: it is the most important 6-mer.`
    : `The planted motif ${planted} is not the most important 6-mer; ${best} is.`;
  const longest = Math.max(...top.map(({ ciHigh }) => ciHigh), Number.MIN_VALUE);
  return `<!doctype html>
<html lang="en"${themeAttribute(theme)}>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>ResidualBind demo</title>
<style>${THEMES}
  :root { --line: light-dark(#ddd, #444); --bar: light-dark(#4477aa, #6699cc) }
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 50rem; margin: 2rem auto; padding: 0 1rem }
  .scroll { overflow-x: auto }
  table { border-collapse: collapse; width: 100%; margin: 1rem 0 }
  th, td { padding: .25rem .5rem; text-align: right; white-space: nowrap; border-bottom: 1px solid var(--line) }
  th:first-child, td:first-child, .text { text-align: left }
  .bar { width: 40%; min-width: 6rem } .bar div { position: relative; height: 1rem }
  .bar i { position: absolute; left: 0; top: .15rem; height: .7rem; background: var(--bar) }
  .bar b { position: absolute; top: .45rem; height: .1rem; background: currentColor }
  .planted { font-weight: bold }
  @media (max-width: 40rem) { table { font-size: .82rem } th, td { white-space: normal; padding: .25rem .2rem } .bar { width: auto; min-width: 3.5rem } }
</style>
<h1>ResidualBind demo</h1>
<p>${html(verdict)}</p>
<p>${html(sizes)} On probes it was not trained on, the model reaches Pearson's r = ${coefficient(test.pearson, 3)}
(Spearman ${coefficient(test.spearman, 3)}, n = ${test.n.toLocaleString('en')}).</p>
<h2>The ${top.length} most important 6-mers</h2>
<p>Bars are global importance, lines its 95 % confidence interval, in standard deviations of the training scores.</p>
<div class="scroll"><table>
<tr><th>6-mer</th><th>importance</th><th>95 % interval</th><th class="bar"></th></tr>
${top.map((row) => kmerRow(row, planted, longest)).join('\n')}
</table></div>
<h2>What it took</h2>
<div class="scroll"><table>
<tr><th>stage</th><th class="text">what</th><th>time, s</th><th>dispatches</th><th>submits</th></tr>
${stages.map(stageRow).join('\n')}
</table></div>
<p>On ${html(adapter.name)} (${html(adapter.class)}), ${html(started)}.</p>
</html>
`;
}

function kmerRow({ pattern, importance, ciLow, ciHigh }: GiaRow, planted: string, longest: number): string {
  const share = (value: number) => (100 * Math.max(0, value)) / longest;
  const [low, high] = [share(ciLow), share(ciHigh)];
  const bar =
    `<i style="width:${share(importance).toFixed(1)}%"></i>` +
    `<b style="left:${low.toFixed(1)}%;width:${(high - low).toFixed(1)}%"></b>`;
  const name = pattern === planted ? `${pattern} (planted)` : pattern;
  return `<tr${pattern === planted ? ' class="planted"' : ''}><td>${html(name)}</td><td>${importance.toFixed(3)}</td><td>${ciLow.toFixed(3)} to ${ciHigh.toFixed(3)}</td><td class="bar"><div>${bar}</div></td></tr>`;
}

const stageRow = ({ name, what, seconds, dispatches, submits }: DemoStage): string =>
  `<tr><td>${html(name)}</td><td class="text">${html(what)}</td><td>${seconds.toFixed(1)}</td><td>${dispatches}</td><td>${submits}</td></tr>`;
