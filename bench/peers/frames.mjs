/**
 * Messages over a pipe to a process that is not JavaScript. A frame is a line of JSON, `{ message, arrays }`,
 * followed by the bytes of the arrays. (Numbers as text would take longer than the work that is timed.) In
 * `message`, `{ "$array": i }` stands for array i of `arrays` (`{ type, length }`).
 */

const TYPES = { Uint8Array, Float32Array };

/** @returns the frame's buffers, to be written one after the other */
export function encodeFrame(message) {
  const views = [];
  const text = JSON.stringify(message, (_, value) =>
    ArrayBuffer.isView(value) ? { $array: views.push(value) - 1 } : value,
  );
  const arrays = views.map((view) => ({ type: view.constructor.name, length: view.length }));
  const line = `{"message":${text},"arrays":${JSON.stringify(arrays)}}\n`;
  return [line, ...views.map((view) => new Uint8Array(view.buffer, view.byteOffset, view.byteLength))];
}

/** Takes chunks of bytes and calls `listener` with each complete message. */
export class FrameReader {
  #held = Buffer.alloc(0);
  #chunks = [];
  #waiting = 0;
  #head;
  #listener;

  constructor(listener) {
    this.#listener = listener;
  }

  push(chunk) {
    this.#chunks.push(chunk);
    this.#waiting += chunk.length;
    // Chunks are joined only when a message is complete. Otherwise a large array would be copied with each
    // chunk.
    if (this.#head && this.#held.length + this.#waiting < this.#head.bytes) return;
    this.#held = Buffer.concat([this.#held, ...this.#chunks]);
    this.#chunks = [];
    this.#waiting = 0;
    while (this.#next());
  }

  /** @returns whether a message was whole */
  #next() {
    if (!this.#head) {
      const end = this.#held.indexOf('\n');
      if (end < 0) return false;
      const { message, arrays } = JSON.parse(this.#held.subarray(0, end).toString());
      const sizes = arrays.map(({ type, length }) => TYPES[type].BYTES_PER_ELEMENT * length);
      this.#head = { message, arrays, sizes, bytes: sizes.reduce((sum, size) => sum + size, 0) };
      this.#held = this.#held.subarray(end + 1);
    }
    const { message, arrays, sizes, bytes } = this.#head;
    if (this.#held.length < bytes) return false;
    let at = 0;
    const values = arrays.map(({ type }, i) => {
      const own = Uint8Array.prototype.slice.call(this.#held, at, at + sizes[i]);
      at += sizes[i];
      return new TYPES[type](own.buffer);
    });
    this.#held = this.#held.subarray(bytes);
    this.#head = undefined;
    this.#listener(placed(message, values));
    return true;
  }
}

/** Puts the arrays into the message. */
function placed(value, arrays) {
  if (Array.isArray(value)) return value.map((each) => placed(each, arrays));
  if (value === null || typeof value !== 'object') return value;
  if ('$array' in value) return arrays[value.$array];
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, placed(each, arrays)]));
}
