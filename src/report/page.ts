/**
 * A report as one HTML file that needs nothing from anywhere: contents, sections with figures and sortable tables, light
 * and dark, tooltips of whatever a figure labels. What is in it is `model-report.ts`.
 */

import { escapeXml } from './svg.js';

export interface Section {
  /** Its anchor, and the stem of its files' names. */
  readonly id: string;
  readonly title: string;
  /** HTML. */
  readonly body: string;
}

export interface Page {
  readonly title: string;
  /** Below the title, plain text. */
  readonly subtitle: string;
  readonly sections: readonly Section[];
}

export const html = escapeXml;

/** A paragraph of plain text. */
export const paragraph = (text: string): string => `<p>${html(text)}</p>`;

/** A figure with its caption; `files` are named under it. */
export const figure = (svg: string, caption: string, files: readonly string[] = []): string =>
  `<figure><div class="scroll">${svg.trim()}</div><figcaption>${html(caption)}${
    files.length > 0
      ? ` <span class="files">${files.map((file) => `<a href="${html(file)}">${html(file.replace(/^.*\//, ''))}</a>`).join(' ')}</span>`
      : ''
  }</figcaption></figure>`;

export interface TableColumn<Row> {
  readonly heading: string;
  readonly cell: (row: Row) => string;
  /** What it sorts by, where that is a number. */
  readonly value?: (row: Row) => number;
  /** Where the cell leads to, relative to the page. */
  readonly href?: (row: Row) => string | undefined;
}

/** A table that its headings sort. */
export function sortable<Row>(rows: readonly Row[], columns: readonly TableColumn<Row>[]): string {
  const heads = columns.map(
    ({ heading, value }) =>
      `<th${value ? ' class="number"' : ''}><button type="button">${html(heading)}</button></th>`,
  );
  const lines = rows.map((row) => {
    const cells = columns.map(({ cell, value, href }) => {
      const to = href?.(row);
      const text = to === undefined ? html(cell(row)) : `<a href="${html(to)}">${html(cell(row))}</a>`;
      return value ? `<td class="number" data-value="${value(row)}">${text}</td>` : `<td>${text}</td>`;
    });
    return `<tr>${cells.join('')}</tr>`;
  });
  return `<div class="scroll"><table class="sortable"><thead><tr>${heads.join('')}</tr></thead><tbody>${lines.join('\n')}</tbody></table></div>`;
}

/** Facts by name. */
export const facts = (pairs: readonly (readonly [string, string])[]): string =>
  `<dl>${pairs.map(([name, value]) => `<dt>${html(name)}</dt><dd>${html(value)}</dd>`).join('')}</dl>`;

export const page = ({ title, subtitle, sections }: Page): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:">
<title>${html(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<header><h1>${html(title)}</h1><p>${html(subtitle)}</p></header>
<div class="layout">
<nav aria-label="Contents"><ol>${sections.map(({ id, title: name }) => `<li><a href="#${id}">${html(name)}</a></li>`).join('')}</ol></nav>
<main>
${sections.map(({ id, title: name, body }) => `<section id="${id}"><h2>${html(name)}</h2>\n${body}\n</section>`).join('\n')}
</main>
</div>
<div id="tip" role="status" hidden></div>
<script>${SCRIPT}</script>
</body>
</html>
`;

const STYLE = `
:root { color-scheme: light dark; --line: light-dark(#d8dee4, #3d444d); --soft: light-dark(#59636e, #9198a1); --page: light-dark(#fff, #0d1117); --ink: light-dark(#1f2328, #e6edf3); --raised: light-dark(#f6f8fa, #161b22); --link: light-dark(#0969da, #4493f8) }
* { box-sizing: border-box }
body { margin: 0; font: 16px/1.55 system-ui, -apple-system, "Segoe UI", "Helvetica Neue", Arial, sans-serif; background: var(--page); color: var(--ink) }
header { padding: 2rem 1.5rem 1rem; border-bottom: 1px solid var(--line) }
header h1 { margin: 0 0 .25rem; font-size: 1.7rem; line-height: 1.25; overflow-wrap: anywhere }
header p { margin: 0; color: var(--soft) }
.layout { display: grid; grid-template-columns: 14rem minmax(0, 1fr); gap: 2rem; padding: 0 1.5rem; max-width: 76rem }
nav { position: sticky; top: 0; align-self: start; padding: 1.5rem 0; font-size: .93rem }
nav ol { margin: 0; padding-left: 1.3rem } nav li { margin: .2rem 0 }
a { color: var(--link); text-decoration: none } a:hover { text-decoration: underline }
section { padding: 1.2rem 0 1.6rem; border-bottom: 1px solid var(--line) }
section:last-child { border: 0 }
h2 { font-size: 1.25rem; margin: 0 0 .6rem } h3 { font-size: 1rem; margin: 1.2rem 0 .4rem }
p { margin: .5rem 0; max-width: 46rem }
figure { margin: 1rem 0 1.4rem } figcaption { color: var(--soft); font-size: .9rem; max-width: 46rem; margin-top: .3rem }
.files a { margin-left: .4rem; white-space: nowrap }
.scroll { overflow-x: auto; max-width: 100% } .scroll svg { display: block } .scroll svg.logo { max-width: 100%; min-width: min(100%, 20rem); height: auto }
table { border-collapse: collapse; margin: .8rem 0; font-size: .93rem; font-variant-numeric: tabular-nums }
th, td { padding: .25rem .7rem .25rem 0; text-align: left; border-bottom: 1px solid var(--line); white-space: nowrap }
.number { text-align: right } td:first-child { font-family: ui-monospace, "DejaVu Sans Mono", monospace }
th button { all: unset; cursor: pointer; font-weight: 600 } th button:focus-visible { outline: 2px solid var(--link) }
th[aria-sort=ascending] button::after { content: " ▲" } th[aria-sort=descending] button::after { content: " ▼" }
dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .15rem 1rem; font-size: .93rem } dt { color: var(--soft) } dd { margin: 0; overflow-wrap: anywhere }
ul.findings { padding-left: 1.2rem; max-width: 46rem } ul.findings li { margin: .35rem 0 }
#tip { position: fixed; z-index: 2; pointer-events: none; background: var(--raised); color: var(--ink); border: 1px solid var(--line); border-radius: .3rem; padding: .2rem .5rem; font-size: .85rem; max-width: 20rem }
@media (max-width: 52rem) { .layout { display: block; padding: 0 1rem } header { padding: 1.2rem 1rem .8rem } nav { position: static; padding: 1rem 0 0 } dl { display: block } dd { margin-bottom: .4rem } }
@media print { nav { display: none } .layout { display: block } }
`;

const SCRIPT = `
{
const tip = document.getElementById('tip');
document.addEventListener('pointermove', (event) => {
  const mark = event.target.closest && event.target.closest('figure [aria-label]:not(svg):not([aria-roledescription*=axis]):not([role=graphics-object])');
  tip.hidden = !mark;
  if (!mark) return;
  tip.textContent = mark.getAttribute('aria-label');
  tip.style.left = Math.min(event.clientX + 12, innerWidth - tip.offsetWidth - 8) + 'px';
  tip.style.top = Math.min(event.clientY + 14, innerHeight - tip.offsetHeight - 8) + 'px';
});
for (const button of document.querySelectorAll('.sortable th button')) button.addEventListener('click', () => {
  const head = button.parentElement, body = head.closest('table').tBodies[0], column = head.cellIndex;
  const direction = head.ariaSort === 'descending' ? 1 : -1;
  for (const other of head.parentElement.cells) other.removeAttribute('aria-sort');
  head.setAttribute('aria-sort', direction > 0 ? 'ascending' : 'descending');
  const key = (row) => { const cell = row.cells[column]; return 'value' in cell.dataset ? Number(cell.dataset.value) : cell.textContent; };
  const rows = [...body.rows].sort((a, b) => { const [x, y] = [key(a), key(b)]; return direction * (x < y ? -1 : x > y ? 1 : 0); });
  body.append(...rows);
});
}
`;
