/**
 * Compares two records of `npm run bench -- … --json` or `bench:hardware`, figure by figure. It reads no
 * files.
 */

/** Smaller differences of time are noise of a busy machine, and count as equal. */
const NOISE = 0.05;

/** Why two records cannot be compared, or undefined if they can. */
export function whyNot(a, b) {
  if (a.adapter.name !== b.adapter.name)
    return `the first was measured on "${a.adapter.name}", the second on "${b.adapter.name}"`;
  if (a.quick !== b.quick) return 'one of them was measured with --quick, which takes other sizes';
  return undefined;
}

/** All figures by name: `{ value, unit, isLess }`. `isLess` is true where less is better. */
export function figuresOf({ cases = {}, rows = [] }) {
  const figures = new Map();
  for (const [name, { rows }] of Object.entries(cases)) {
    for (const row of rows) {
      const key = [name, row.plan, row.name].filter(Boolean).join(', ');
      const figure =
        row.rate === undefined
          ? { value: row.seconds, unit: 's', isLess: true }
          : { value: row.rate, unit: 'a second', isLess: false };
      figures.set(key, figure);
    }
  }
  for (const { figure, name, note, value, unit, isLess } of rows)
    figures.set([figure, name, note].filter(Boolean).join(', '), { value, unit, isLess });
  return figures;
}

/**
 * `{ name, unit, a, b, ratio, faster }` of what both have, `ratio` above 1 where the second is better; and
 * what one lacks.
 */
export function differences(a, b) {
  const first = figuresOf(a);
  const second = figuresOf(b);
  const rows = [];
  for (const [name, { value, unit, isLess }] of first) {
    const other = second.get(name);
    if (!other) continue;
    const isEqual = value === other.value; // 0 too
    const ratio = isEqual ? 1 : isLess ? value / other.value : other.value / value;
    const faster = Math.abs(ratio - 1) < NOISE ? 'same' : ratio > 1 ? 'second' : 'first';
    rows.push({ name, unit, a: value, b: other.value, ratio, faster });
  }
  return {
    rows,
    onlyFirst: [...first.keys()].filter((name) => !second.has(name)),
    onlySecond: [...second.keys()].filter((name) => !first.has(name)),
  };
}
