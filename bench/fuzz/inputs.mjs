/**
 * Arbitrary inputs for readers: valid files with random edits, random mixtures of a format's words, long
 * fields, and noise. All are drawn by fast-check, so that a seed and a path give the same input again.
 */
import fc from 'fast-check';

/** Characters whose long runs can make a reader slow. */
const LONG_SIGNS = [...'9 \tA(-.#",;e+@*H=>:|/\\N\0'];

/**
 * A share of a length, evenly spread. (`fc.double` draws all exponents alike, so that nearly all numbers from
 * 0 to 1 are close to 0.)
 */
const PLACE = fc.nat(2 ** 30 - 1).map((n) => n / 2 ** 30);

const edit = (words) =>
  fc.record({
    kind: fc.constantFrom('delete', 'insert', 'insert', 'replace', 'replace', 'repeat', 'cut', 'swap'),
    at: PLACE,
    length: fc.integer({ min: 1, max: 24 }),
    word: fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom(...words) },
      { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 4 }) },
      { weight: 1, arbitrary: fc.string({ maxLength: 6 }) },
    ),
  });

function edited(text, { kind, at, length, word }) {
  const from = Math.floor(at * text.length);
  const [head, part, tail] = [
    text.slice(0, from),
    text.slice(from, from + length),
    text.slice(from + length),
  ];
  switch (kind) {
    case 'delete':
      return head + tail;
    case 'insert':
      return head + word + part + tail;
    case 'replace':
      return head + word + tail;
    case 'repeat':
      return head + part.repeat(3) + tail;
    case 'cut':
      return head;
    case 'swap':
      return part + head + tail;
  }
}

/** Texts that resemble valid ones. @param words words of the format */
export function texts(valid, words) {
  const soup = fc
    .array(fc.tuple(fc.constantFrom(...words), fc.constantFrom('', '', ' ', '\t', '\n', '\n', ',')), {
      maxLength: 60,
    })
    .map((parts) => parts.map((part) => part.join('')).join(''));
  const long = fc
    .record({
      text: fc.constantFrom(...valid),
      sign: fc.oneof(fc.constantFrom(...LONG_SIGNS), fc.constantFrom(...words)),
      count: fc.constantFrom(1000, 20_000, 50_000),
      at: PLACE,
      end: fc.constantFrom('', 'x', ')', '\n'),
    })
    .map(({ text, sign, count, at, end }) => {
      const from = Math.floor(at * text.length);
      return text.slice(0, from) + sign.repeat(count) + end + text.slice(from);
    });
  return fc.oneof(
    {
      weight: 12,
      arbitrary: fc
        .tuple(fc.constantFrom(...valid), fc.array(edit(words), { maxLength: 5 }))
        .map(([text, edits]) => edits.reduce(edited, text)),
    },
    { weight: 6, arbitrary: soup },
    { weight: 1, arbitrary: long },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 200 }) },
  );
}

/** Bytes of valid files with bits flipped, ranges removed, doubled or zeroed, or the end cut off. */
export const bytesLike = (valid) =>
  fc
    .tuple(
      fc.constantFrom(...valid),
      fc.array(
        fc.record({
          kind: fc.constantFrom('flip', 'flip', 'flip', 'set', 'delete', 'insert', 'zero', 'cut', 'repeat'),
          // Half of all edits fall into the first kilobyte, where headers are.
          at: fc.tuple(fc.boolean(), PLACE),
          length: fc.integer({ min: 1, max: 64 }),
          byte: fc.integer({ min: 0, max: 255 }),
        }),
        { minLength: 1, maxLength: 3 },
      ),
    )
    .map(([bytes, edits]) => edits.reduce(editedBytes, bytes));

function editedBytes(bytes, { kind, at: [isEarly, share], length, byte }) {
  const from = Math.floor(share * (isEarly ? Math.min(1024, bytes.length) : bytes.length));
  const to = Math.min(bytes.length, from + length);
  const copy = Uint8Array.from(bytes);
  const joined = (...parts) => Uint8Array.from(Buffer.concat(parts));
  if (from >= bytes.length && kind !== 'insert') return copy;
  switch (kind) {
    case 'flip':
      copy[from] ^= 1 << (byte % 8);
      return copy;
    case 'set':
      copy[from] = byte;
      return copy;
    case 'zero':
      return copy.fill(0, from, to);
    case 'cut':
      return copy.slice(0, from);
    case 'delete':
      return joined(bytes.subarray(0, from), bytes.subarray(to));
    case 'insert':
      return joined(bytes.subarray(0, from), new Uint8Array(length).fill(byte), bytes.subarray(from));
    case 'repeat':
      return joined(bytes.subarray(0, to), bytes.subarray(from));
  }
}

/** Values that no field expects. */
const ODD = [
  null,
  true,
  0,
  -1,
  0.5,
  1e308,
  -1e308,
  2 ** 53,
  '',
  'x',
  'NaN',
  '9'.repeat(5000),
  [],
  {},
  [null],
  [-1, 0.5],
  [[]],
  { __proto__: 1 },
];

/** JSON values that resemble valid ones: fields are replaced, removed, renamed or moved at any depth. */
export const jsonLike = (valid) =>
  fc
    .tuple(
      fc.constantFrom(...valid.map((value) => JSON.stringify(value))),
      fc.array(
        fc.record({
          path: fc.array(fc.nat(40), { minLength: 1, maxLength: 5 }),
          kind: fc.constantFrom('set', 'set', 'set', 'remove', 'rename', 'number'),
          odd: fc.oneof(fc.constantFrom(...ODD), fc.jsonValue({ maxDepth: 2 })),
          number: fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true })),
        }),
        { minLength: 1, maxLength: 3 },
      ),
    )
    .map(([text, edits]) => edits.reduce(editedJson, JSON.parse(text)));

function editedJson(value, { path: [first, ...rest], kind, odd, number }) {
  if (typeof value !== 'object' || value === null) return kind === 'number' ? number : odd;
  const keys = Object.keys(value);
  if (keys.length === 0) return odd;
  const key = keys[first % keys.length];
  const copy = Array.isArray(value) ? [...value] : { ...value };
  if (rest.length > 0) copy[key] = editedJson(value[key], { path: rest, kind, odd, number });
  else if (kind === 'remove') Array.isArray(copy) ? copy.splice(Number(key), 1) : delete copy[key];
  else if (kind === 'rename') {
    copy[`${key}x`] = copy[key];
    if (!Array.isArray(copy)) delete copy[key];
  } else copy[key] = kind === 'number' ? number : odd;
  return copy;
}

/** A promise of a reader. @throws Error where what it accepted breaks it */
export function holds(condition, what) {
  if (!condition) throw new Error(`accepted, although ${what}`);
}
