/**
 * Decimal numbers as tables hold them. The pattern is linear and a field is capped, so that no input takes
 * long.
 */

/** No number that a table means has more characters. */
const LONGEST = 64;
const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;
const INFINITE = /^[+-]?(?:inf(?:inity)?|1\.#inf|∞)$/i;
const DECIMAL_COMMA = /^[+-]?(?:\d+,\d+|,\d+)(?:e[+-]?\d+)?$/i;

/**
 * The number that a field holds: digits with a decimal point, a sign or an exponent, no blanks around it.
 * @returns undefined where the field is not a number or holds more than 64 characters; infinite where the
 * number is too large for a double
 */
export const readNumber = (field: string): number | undefined =>
  field.length <= LONGEST && NUMBER.test(field) ? Number(field) : undefined;

/** Whether a field is infinity in words: `inf`, `-inf`, `Infinity`, `1.#INF`, `∞`. */
export const isInfinite = (field: string): boolean => field.length <= LONGEST && INFINITE.test(field);

/** Whether a field is a number with a comma in place of the decimal point, such as `1,5`. */
export const hasDecimalComma = (field: string): boolean =>
  field.length <= LONGEST && DECIMAL_COMMA.test(field);

/** Groups of three digits, with a decimal sign other than that between them. */
const THOUSANDS =
  /^[+-]?\d{1,3}(?:(?:,\d{3})+\.\d+|(?:,\d{3}){2,}|(?:\.\d{3})+,\d+|(?:\.\d{3}){2,}|(?:['’ \u00A0\u202F]\d{3})+(?:[.,]\d+)?)$/;

/** Whether a field is a number as people write it, but with separators of thousands: `1,234.5`, `1'000`. */
export const hasThousands = (field: string): boolean => field.length <= LONGEST && THOUSANDS.test(field);

/** Whether a field is a number in another notation, which an error explains. */
export const isOtherNumber = (field: string): boolean => hasDecimalComma(field) || hasThousands(field);

/** What to do about a field that is no number, behind a message; empty where there is nothing to say. */
export function numberAdvice(field: string): string {
  if (hasDecimalComma(field)) return `; ${DECIMAL_COMMA_ADVICE}`;
  return hasThousands(field)
    ? '; it has separators of thousands; write numbers without them, such as 1234.5'
    : '';
}

/** What to do about a decimal comma, for messages. */
export const DECIMAL_COMMA_ADVICE =
  'it has a decimal comma; write numbers with a decimal point, such as 1.5 (in a spreadsheet: export with English number format)';
