/**
 * Decimal numbers as tables hold them. The pattern is linear and a field is capped, so that no input takes
 * long.
 */

/** No number that a table means has more characters. */
const LONGEST = 64;
const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;
const INFINITE = /^[+-]?inf(?:inity)?$/i;
const DECIMAL_COMMA = /^[+-]?(?:\d+,\d+|,\d+)(?:e[+-]?\d+)?$/i;

/**
 * The number that a field holds: digits with a decimal point, a sign or an exponent, no blanks around it.
 * @returns undefined where the field is not a number or holds more than 64 characters; infinite where the
 * number is too large for a double
 */
export const readNumber = (field: string): number | undefined =>
  field.length <= LONGEST && NUMBER.test(field) ? Number(field) : undefined;

/** Whether a field is infinity in words: `inf`, `-inf`, `Infinity`. */
export const isInfinite = (field: string): boolean => field.length <= LONGEST && INFINITE.test(field);

/** Whether a field is a number with a comma in place of the decimal point, such as `1,5`. */
export const hasDecimalComma = (field: string): boolean =>
  field.length <= LONGEST && DECIMAL_COMMA.test(field);

/** What to do about a decimal comma, for messages. */
export const DECIMAL_COMMA_ADVICE =
  'it has a decimal comma; write numbers with a decimal point, such as 1.5 (in a spreadsheet: export with English number format)';
