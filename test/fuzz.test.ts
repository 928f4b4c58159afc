/**
 * A small part of `npm run bench:fuzz`: every reader of text gets damaged and odd inputs. It ends in a typed
 * error with a short message, or in what keeps the reader's promises.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

interface Reader {
  readonly name: string;
  readonly inputs: fc.Arbitrary<unknown>;
  readonly read: (input: unknown) => unknown;
  readonly check: (found: unknown, input: unknown) => void;
}

const FILES = ['text', 'sequence', 'motif', 'profile', 'survey'];

const modules = (await Promise.all(
  FILES.map((file) => import(/* @vite-ignore */ `../bench/fuzz/${file}-readers.mjs`)),
)) as Readonly<Record<string, readonly Reader[]>>[];
const readers = modules.flatMap((each) => Object.values(each).flat());

describe('readers of text', () => {
  it('are all there', () => {
    expect(readers.length).toBeGreaterThanOrEqual(16);
    expect(new Set(readers.map(({ name }) => name)).size).toBe(readers.length);
  });

  it.each(readers.map((reader) => [reader.name, reader] as const))(
    '%s end in a typed error or a correct read',
    async (_, { inputs, read, check }) => {
      let accepted = 0;
      const property = fc.asyncProperty(inputs, async (input) => {
        let found: unknown;
        try {
          found = await read(input);
        } catch (error) {
          const { code, message } = error as { code?: unknown; message: string };
          if (typeof code !== 'string' || !code.startsWith('ERR_')) throw error;
          expect(message.length).toBeLessThanOrEqual(1000);
          return;
        }
        accepted++;
        check(found, input);
      });
      await fc.assert(property, { numRuns: 60, seed: 3 });
      expect(accepted).toBeGreaterThan(0);
    },
  );
});
