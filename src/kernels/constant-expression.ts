/**
 * Integer expressions of constants, as WGSL writes them: what `unroll.ts` needs to know before the compiler
 * does.
 */

const TOKEN = /\s*(?:(\d+)[iu]?|([A-Za-z_]\w*)|(\|\||&&|[<>=!]=|[-+*/%<>()[\]]))/y;

/** Binary operators by precedence, the weakest first. Comparisons give 1 or 0. */
const OPERATORS: readonly Readonly<Record<string, (a: number, b: number) => number>>[] = [
  { '||': (a, b) => Number(a !== 0 || b !== 0) },
  { '&&': (a, b) => Number(a !== 0 && b !== 0) },
  { '==': (a, b) => Number(a === b), '!=': (a, b) => Number(a !== b) },
  {
    '<': (a, b) => Number(a < b),
    '<=': (a, b) => Number(a <= b),
    '>': (a, b) => Number(a > b),
    '>=': (a, b) => Number(a >= b),
  },
  { '+': (a, b) => a + b, '-': (a, b) => a - b },
  { '*': (a, b) => a * b, '/': (a, b) => Math.trunc(a / b), '%': (a, b) => a % b },
];

/** A constant, or a list of them that is indexed. */
export type Constant = number | readonly number[];

/**
 * The value of an expression such as `2u * ROWS[1u] + 1u < LENGTH`; undefined where it is none of constants
 * only.
 *
 * @param constant the value of a name, undefined where it has none
 */
export function valueOfExpression(
  expression: string,
  constant: (name: string) => Constant | undefined,
): number | undefined {
  let next = 0;
  /** The token ahead, and where it ends. */
  const peek = (): { text: string; value: Constant | undefined; end: number } => {
    TOKEN.lastIndex = next;
    const match = TOKEN.exec(expression);
    if (!match) return { text: '', value: undefined, end: next };
    const [, digits, name, operator] = match;
    const value = digits === undefined ? name && constant(name) : Number(digits);
    return { text: operator ?? '', value: value === '' ? undefined : value, end: TOKEN.lastIndex };
  };
  const operand = (): number | undefined => {
    const { text, value, end } = peek();
    next = end;
    if (typeof value !== 'object') return text === '(' ? upTo(')') : value;
    const opening = peek();
    next = opening.end;
    const index = opening.text === '[' ? upTo(']') : undefined;
    return index === undefined ? undefined : value[index];
  };
  const upTo = (end: string): number | undefined => {
    const inner = binary(0);
    const closing = peek();
    next = closing.end;
    return closing.text === end ? inner : undefined;
  };
  const binary = (level: number): number | undefined => {
    const operators = OPERATORS[level];
    if (!operators) return operand();
    let left = binary(level + 1);
    for (let ahead = peek(); left !== undefined && operators[ahead.text]; ahead = peek()) {
      next = ahead.end;
      const right = binary(level + 1);
      left = right === undefined ? undefined : operators[ahead.text]!(left, right);
    }
    return left;
  };
  const value = binary(0);
  return next === expression.trimEnd().length ? value : undefined;
}
