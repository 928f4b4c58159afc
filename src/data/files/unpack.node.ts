/**
 * gzip for Node: every member of a file, within a limit, and nothing behind them that is passed over in
 * silence.
 */
import { constants } from 'node:buffer';
import { createGunzip } from 'node:zlib';
import { ArgumentError, CancelledError, FormatError } from '../../device/errors.js';

const MIB = 2 ** 20;

/**
 * MiB of text that a packed file may hold unless the environment says otherwise; a gzip of 1 MB can hold 1
 * GB.
 */
const STANDARD_LIMIT = 256;

/** The environment variable that sets the limit, in MiB. */
const LIMIT_VARIABLE = 'RESIDUALBIND_MAX_UNPACKED_MB';

/** The longest text that JavaScript can hold, in bytes of ASCII: 512 MiB in Node. */
export const LONGEST_TEXT = constants.MAX_STRING_LENGTH;

export const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

/** @throws ArgumentError for a value of the variable that is no number of MiB */
function unpackedLimit(): number {
  const given = process.env[LIMIT_VARIABLE];
  if (given === undefined || given === '') return STANDARD_LIMIT * MIB;
  const limit = Number(given);
  if (!(limit > 0))
    throw new ArgumentError(
      LIMIT_VARIABLE,
      `${LIMIT_VARIABLE} must be a number of MiB above 0, not ${JSON.stringify(given.slice(0, 80))}`,
    );
  return Math.min(limit * MIB, LONGEST_TEXT);
}

/**
 * The contents of all members. Zero bytes between and behind them are padding, as tapes and block devices
 * leave it.
 * @throws FormatError naming the path: a damaged or truncated member, bytes that are no member, or too much
 * text; CancelledError
 */
export async function unpack(
  packed: Uint8Array,
  path: string,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<Uint8Array> {
  const limit = unpackedLimit();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (let at = 0; at < packed.length; ) {
    if (!isGzip(packed.subarray(at)))
      throw new FormatError(
        `${path}: damaged gzip file: no gzip member begins at byte ${at + 1}; pack it anew`,
      );
    const stream = createGunzip();
    stream.end(packed.subarray(at));
    try {
      for await (const chunk of stream as AsyncIterable<Uint8Array>) {
        if (signal?.aborted) throw new CancelledError(`${path}: reading was cancelled`);
        size += chunk.length;
        if (size > limit) throw tooMuch(path, limit);
        chunks.push(chunk);
      }
    } catch (cause) {
      if (cause instanceof FormatError || cause instanceof CancelledError) throw cause;
      throw new FormatError(`${path}: damaged or truncated gzip file (${(cause as Error).message})`, {
        cause,
      });
    }
    // The stream reads on over members that follow at once, and stops at a zero byte.
    at += stream.bytesWritten;
    while (packed[at] === 0) at++;
  }
  return Buffer.concat(chunks);
}

function tooMuch(path: string, limit: number): FormatError {
  const advice =
    limit < LONGEST_TEXT
      ? `if that is meant, set ${LIMIT_VARIABLE} to more MiB, at most ${Math.floor(LONGEST_TEXT / MIB)}`
      : 'JavaScript holds no longer text, so divide it into several files';
  const mib = Number((limit / MIB).toPrecision(6));
  return new FormatError(`${path}: holds more than ${mib} MiB of text when unpacked; ${advice}`);
}
