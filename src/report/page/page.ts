/**
 * A report as one HTML file that loads nothing else: a table of contents, and sections with figures and
 * sortable tables. `page-style.ts` has its style and `page-script.ts` its script; `model-report.ts` and
 * `survey.ts` fill it.
 */

import { escapeXml } from '../figures/svg.js';
import { SCRIPT } from './page-script.js';
import { STYLE, type Theme, themeAttribute } from './page-style.js';

export interface Section {
  /** The anchor of the section. */
  readonly id: string;
  readonly title: string;
  /** HTML. */
  readonly body: string;
  /** Sections within it, which the table of contents shows on demand. */
  readonly parts?: readonly Section[];
}

export interface Page {
  readonly title: string;
  /** Below the title, plain text. */
  readonly subtitle: string;
  readonly sections: readonly Section[];
  readonly theme?: Theme | undefined;
}

export const html = escapeXml;

/** A paragraph of plain text. */
export const paragraph = (text: string): string => `<p>${html(text)}</p>`;

/** Pictures fit a telephone, and are enlarged by this factor where there is room. */
const GROWTH = 1.25;

/** A picture at its own width, or as wide as a narrower page. */
const fitting = (svg: string): string =>
  svg
    .trim()
    .replace(
      /^(<svg [^>]*?)\bwidth="([\d.]+)" height="[\d.]+"/,
      (_, head: string, width: string) =>
        `${head}style="width:${((GROWTH * Number(width)) / 16).toFixed(2)}rem"`,
    );

/** A figure with its caption, and links to its files. */
export const figure = (svg: string, caption: string, files: readonly string[] = []): string =>
  `<figure>${fitting(svg)}<figcaption>${html(caption)}${
    files.length > 0
      ? ` <span class="files">${files.map((file) => `<a href="${html(file)}">${html(file.replace(/^.*\//, ''))}</a>`).join(' ')}</span>`
      : ''
  }</figcaption></figure>`;

export interface TableColumn<Row> {
  readonly heading: string;
  readonly cell: (row: Row) => string;
  /** The number to sort by; absent for a column of text. */
  readonly value?: (row: Row) => number;
  /** The meaning of the heading, as a tip. */
  readonly hint?: string;
  /** Whether cells are sequences, in a font of equal widths. */
  readonly letters?: boolean;
  /** Whether numbers may wrap on a narrow page. */
  readonly wraps?: boolean;
  /** HTML in place of the cell's text, such as a picture. */
  readonly picture?: (row: Row) => string;
  /** Link of the cell, relative to the page. */
  readonly href?: (row: Row) => string | undefined;
}

/** A table that sorts by a click on a heading. */
export function sortable<Row>(rows: readonly Row[], columns: readonly TableColumn<Row>[]): string {
  const heads = columns.map(
    ({ heading, value, hint }) =>
      `<th${value ? ' class="number"' : ''}><button type="button"${hint === undefined ? '' : ` data-tip="${html(hint)}"`}>${html(heading)}</button></th>`,
  );
  const lines = rows.map((row) => {
    const cells = columns.map(({ cell, value, href, letters, wraps, picture }) => {
      const to = href?.(row);
      const text = picture
        ? picture(row)
        : to === undefined
          ? html(cell(row))
          : `<a href="${html(to)}">${html(cell(row))}</a>`;
      return value
        ? `<td class="number${wraps ? ' wraps' : ''}" data-value="${value(row)}">${text}</td>`
        : `<td${letters ? ' class="letters"' : ''}>${text}</td>`;
    });
    return `<tr>${cells.join('')}</tr>`;
  });
  return `<p class="note scrolls" hidden>This table is wider than the page: scroll it sideways for more columns.</p><div class="scroll"><table class="sortable"><thead><tr>${heads.join('')}</tr></thead><tbody>${lines.join('\n')}</tbody></table></div>`;
}

/** Facts by name. */
export const facts = (pairs: readonly (readonly [string, string])[]): string =>
  `<dl>${pairs.map(([name, value]) => `<dt>${html(name)}</dt><dd>${html(value)}</dd>`).join('')}</dl>`;

const entry = ({ id, title, parts }: Section): string => {
  const link = `<a href="#${id}">${html(title)}</a>`;
  return parts
    ? `<li><details><summary>${link}</summary><ol>${parts.map(entry).join('')}</ol></details></li>`
    : `<li>${link}</li>`;
};

const section = ({ id, title, body, parts = [] }: Section, level = 2): string =>
  `<section id="${id}"${parts.length > 0 ? ' class="whole"' : ''}><h${level}>${html(title)}</h${level}>\n${body}\n${parts.map((part) => `${section(part, level + 1)}\n`).join('')}</section>`;

export const page = ({ title, subtitle, sections, theme }: Page): string => `<!doctype html>
<html lang="en"${themeAttribute(theme)}>
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
<nav aria-label="Contents"><ol>${sections.map(entry).join('')}</ol></nav>
<main>
${sections.map((each) => section(each)).join('\n')}
</main>
</div>
<div id="tip" role="status" hidden></div>
<script>${SCRIPT}</script>
</body>
</html>
`;
