/** JSON of files that may be damaged: what a parser passes over in silence is refused. */
import { echo } from '../../device/echo.js';

/**
 * The value of a text.
 *
 * @param fail throws an error that says what is wrong with the text
 */
export function strictJson(read: () => string, fail: (reason: string) => never): unknown {
  let text = '';
  let value: unknown;
  try {
    text = read();
    value = JSON.parse(text);
  } catch {
    fail('is not JSON');
  }
  const twice = repeatedKey(text);
  if (twice !== undefined) fail(`has ${echo(twice)} twice`);
  return value;
}

/** The first key that an object of valid JSON has twice; a parser keeps the last one. */
function repeatedKey(json: string): string | undefined {
  const open: (Set<string> | undefined)[] = [];
  let text = '';
  for (let at = 0; at < json.length; at++) {
    const character = json[at];
    if (character === '{') open.push(new Set());
    else if (character === '[') open.push(undefined);
    else if (character === '}' || character === ']') open.pop();
    else if (character === '"') {
      const start = at++;
      while (json[at] !== '"') at += json[at] === '\\' ? 2 : 1;
      text = json.slice(start, at + 1);
    } else if (character === ':') {
      // Outside a text, a colon follows nothing but a key.
      const key = JSON.parse(text) as string;
      if (open.at(-1)!.has(key)) return key;
      open.at(-1)!.add(key);
    }
  }
  return undefined;
}
