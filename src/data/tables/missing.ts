/**
 * How tables write that a value is missing: R, pandas, Excel, C, SQL and people. One list for scores,
 * sequences, sets and affinities, so that every reader understands the same spellings.
 */

const SPELLINGS = new Set([
  // R, pandas, SQL and JSON
  ...[
    '',
    'na',
    'n/a',
    'n.a.',
    'n.a',
    '<na>',
    '<n/a>',
    'nan',
    '-nan',
    '+nan',
    'null',
    '<null>',
    '(null)',
    'none',
  ],
  ...['nil', 'undefined', 'undef', 'missing', 'unknown', 'no data', 'not available', '\\n'],
  // Excel's errors
  ...['#n/a', '#n/a n/a', '#na', '#null!', '#div/0!', '#value!', '#num!', '#name?', '#ref!'],
  // C on Windows
  ...['1.#ind', '-1.#ind', '1.#qnan', '-1.#qnan', '1.#nan', 'nan(ind)', '-nan(ind)'],
  // Dashes and dots: hyphen, en dash, em dash, minus
  ...['-', '--', '---', '–', '—', '−', '.', '..', '?'],
  // Not determined
  ...['n.d.', 'n.d', 'nd', 'n/d', '#n/d', 'n.m.', 'not determined', 'not measured', 'not detected'],
]);

/** What is longer than every spelling is not compared. */
const LONGEST = Math.max(...Array.from(SPELLINGS, ({ length }) => length));

/**
 * Whether a field says that its value is missing: blank, `NA`, `N/A`, `#N/A`, `<NA>`, `NaN`, `-nan`, `null`,
 * `None`, `-`, `.` and the like, in upper or lower case. In a column of sequences `NA` and `nan` are missing
 * too, though N and A are letters; a single `N` is a sequence.
 */
export function isMissing(field: string): boolean {
  const value = field.trim();
  return value.length <= LONGEST && SPELLINGS.has(value.toLowerCase());
}
