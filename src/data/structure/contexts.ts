/**
 * Structural contexts of a nucleotide, which are input channels of a model beside the four letters
 * (docs/method.md, Structure channels).
 */

/** `pu`: paired, unpaired. `phime`: paired, hairpin loop, interior loop, multiloop, exterior loop. */
export type Contexts = 'pu' | 'phime';

/** The contexts in the order of their channels. */
export const CONTEXT_LETTERS: Readonly<Record<Contexts, string>> = { pu: 'PU', phime: 'PHIME' };

/** Channels of the letters. */
const LETTER_CHANNELS = 4;

/** Channels of a model that takes these contexts: 4 without any, 6 or 9. */
export const channelsWith = (contexts: Contexts | undefined): number =>
  LETTER_CHANNELS + (contexts === undefined ? 0 : CONTEXT_LETTERS[contexts].length);

/** The contexts that a model of so many channels takes; undefined for one of sequence alone, or of others. */
export const contextsIn = (channels: number): Contexts | undefined =>
  (Object.keys(CONTEXT_LETTERS) as Contexts[]).find((contexts) => channelsWith(contexts) === channels);
