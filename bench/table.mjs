/** Rows of objects as a table of text. */

/**
 * @param columns heading → what a row shows under it, as text; a heading that begins with `<` is aligned to
 * the left
 * @returns lines joined by newlines, columns two spaces apart
 */
export function table(columns, rows) {
  const headings = Object.keys(columns);
  const left = headings.map((heading) => heading.startsWith('<'));
  const cells = [
    headings.map((heading) => heading.replace('<', '')),
    ...rows.map((row) => Object.values(columns).map((show) => show(row))),
  ];
  const widths = headings.map((_, i) => Math.max(...cells.map((line) => line[i].length)));
  const pad = (cell, i) => (left[i] ? cell.padEnd(widths[i]) : cell.padStart(widths[i]));
  return cells.map((line) => line.map(pad).join('  ').trimEnd()).join('\n');
}

/** A number with so many decimals and thousands separated, or a dash where there is none. */
export const number = (value, decimals = 0) =>
  value === undefined || value === null
    ? '-'
    : value.toLocaleString('en-US', { minimumFractionDigits: decimals, maximumFractionDigits: decimals });

/** What is missing, a line a reason: [{ name, reason }]. */
export function absentLines(absent) {
  const names = new Map();
  for (const { name, reason } of absent) names.set(reason, [...(names.get(reason) ?? []), name]);
  return [...names].map(([reason, all]) => `without ${all.join('; ')}: ${reason}`);
}
