/**
 * Collections of motifs from files and folders, in Node. A file that is named must be readable. In a
 * folder, files of other kinds and files with errors are ignored, and notes name them.
 */
import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { STDIN, sourceOf } from '../../data/files/input.node.js';
import { type FileDigest, type ReadOptions, readText } from '../../data/files/text-file.node.js';
import { ArgumentError, CancelledError, FormatError } from '../../device/errors.js';
import { unreadable } from '../../device/system-error.node.js';
import type { MemeMotif } from '../motif/formats/meme-format.js';
import { type MotifFormat, readMotifText, unknownFormat } from '../motif/formats/motif-file.js';
import { MotifNotes } from '../motif/formats/notes.js';
import { PROTEIN_TABLES, parseProteinNames } from '../motif/formats/protein-names.js';

/** A motif that others have published. */
export interface KnownMotif extends MemeMotif {
  /** The file that it is from. */
  readonly file: string;
}

/** A file that motifs, or the names of their proteins, were read from. */
export interface KnownMotifsFile extends FileDigest {
  readonly path: string;
  readonly format: MotifFormat | 'protein names';
  /** Motifs that it gave, or named. */
  readonly motifs: number;
}

/** Motifs of files and folders, in the order given; in a folder, by name of file. */
export interface MotifCollection extends FileDigest {
  readonly motifs: readonly KnownMotif[];
  readonly files: readonly KnownMotifsFile[];
  /** What was passed over, assumed or normalised, in sentences that name file or folder. */
  readonly notes: readonly string[];
  /** Of one file its digest; of several the SHA-256 of their digests, one a line. */
  readonly sha256: string;
}

/** Larger files of a folder are not opened, bytes: collections of motifs are far smaller. */
const LONGEST = 2 ** 25;

/** Endings of files of a folder that are not opened. */
const NOT_TEXT =
  /\.(?:png|jpe?g|gif|svg|pdf|e?ps|zip|tar|tgz|bz2|xz|h5|hdf5|bam|bw|bigwig|safetensors|parquet)$/i;

/** Frequencies of two copies of a motif differ by less. */
const ROUNDING = 1e-6;

/**
 * Reads motifs of all formats of docs/motifs.md from files, plain or gzipped, and from all files of folders
 * and of the folders within.
 *
 * Motifs of CIS-BP and CISBP-RNA are named by their Motif_ID; where the database's `RBP_Information…txt` or
 * `TF_Information…txt` is beside them or in the folder above, `alternateName` has the proteins, with commas.
 * A motif that equals one of an earlier file in name and matrix is passed over.
 *
 * @param paths files and folders
 * @throws FormatError naming file, line and motif, for a named file that cannot be read or has no motif, for
 * a folder where nothing can be read, and where no motif remains; CancelledError
 */
export async function readMotifs(
  paths: string | readonly string[],
  options: ReadOptions = {},
): Promise<MotifCollection> {
  const given = typeof paths === 'string' ? [paths] : paths;
  if (given.length === 0) throw new ArgumentError('paths', 'name at least one file or folder of motifs');
  const reader = new Reader(options);
  for (const path of given) {
    if (path === STDIN) {
      await reader.file(path, sourceOf(path));
      continue;
    }
    const found = await stat(path).catch((cause: unknown) => {
      throw unreadable(path, cause);
    });
    await (found.isDirectory() ? reader.folder(path) : reader.file(path));
  }
  return reader.collection(given);
}

class Reader {
  readonly #motifs: KnownMotif[] = [];
  readonly #byName = new Map<string, KnownMotif[]>();
  readonly #files = new Map<string, KnownMotifsFile>();
  readonly #tables = new Map<string, Promise<ProteinTable | undefined>>();
  readonly #notes: string[] = [];

  constructor(readonly options: ReadOptions) {}

  collection(paths: readonly string[]): MotifCollection {
    const [motifs, files] = [this.#motifs, [...this.#files.values()]];
    if (motifs.length === 0)
      throw new FormatError([`${paths.join(', ')}: no motif that can be used`, ...this.#notes].join('; '));
    const digests = files.map(({ sha256 }) => sha256);
    const sha256 =
      digests.length === 1 ? digests[0]! : createHash('sha256').update(digests.join('\n')).digest('hex');
    return { motifs, files, notes: this.#notes, sha256 };
  }

  /** @param name of the file in messages and in the collection */
  async file(path: string, name = path): Promise<void> {
    const notes = new MotifNotes();
    const { text, sha256 } = await readText(path, this.options);
    if (!(await this.#read(name, text, sha256, notes))) throw unknownFormat(text, name);
    this.#notes.push(...notes.sentences(name));
  }

  async folder(path: string): Promise<void> {
    const notes = new MotifNotes();
    let read = 0;
    for await (const file of filesOf(path)) {
      if (this.options.signal?.aborted) throw new CancelledError(`${path}: reading was cancelled`);
      if (PROTEIN_TABLES.includes(basename(file))) continue;
      notes.file = relative(path, file);
      try {
        if (await this.#fromFolder(file, notes)) read++;
        else notes.unread(notes.file);
      } catch (error) {
        if (!(error instanceof FormatError)) throw error;
        notes.say(`${error.message}; the file was ignored`);
      }
    }
    const sentences = notes.sentences(path);
    if (read === 0)
      throw new FormatError([`${path}: no file of the folder has motifs`, ...sentences].join('; '));
    this.#notes.push(...sentences);
  }

  /** @returns whether the file has motifs */
  async #fromFolder(path: string, notes: MotifNotes): Promise<boolean> {
    if (NOT_TEXT.test(path)) return false;
    const found = await stat(path).catch(() => undefined);
    if (!found?.isFile() || found.size > LONGEST || found.size === 0) return false;
    const { text, sha256 } = await readText(path, this.options);
    return await this.#read(path, text, sha256, notes);
  }

  async #read(path: string, text: string, sha256: string, notes: MotifNotes): Promise<boolean> {
    const found = readMotifText(text, path, notes);
    if (!found) return false;
    const table = found.format === 'cisbp' ? await this.#tableFor(path, notes) : undefined;
    let [kept, named] = [0, 0];
    for (const motif of found.motifs) {
      const proteins = motif.alternateName === undefined ? table?.names.get(motif.name) : undefined;
      const known = { ...motif, ...(proteins && { alternateName: proteins.join(',') }), file: path };
      if (proteins) named++;
      if (this.#isCopy(known)) notes.motif('copies', motif.name);
      else kept++;
    }
    this.#files.set(path, { path, sha256, format: found.format, motifs: kept });
    if (table && named > 0) {
      const { motifs: before = 0 } = this.#files.get(table.path) ?? {};
      const { path: own, sha256: digest } = table;
      this.#files.set(own, { path: own, sha256: digest, format: 'protein names', motifs: before + named });
    }
    return true;
  }

  /** Adds a motif, unless an earlier file has it. */
  #isCopy(motif: KnownMotif): boolean {
    const namesakes = this.#byName.get(motif.name) ?? [];
    if (namesakes.some((other) => areEqual(other, motif))) return true;
    this.#motifs.push(motif);
    this.#byName.set(motif.name, [...namesakes, motif]);
    return false;
  }

  /** The table of proteins beside a file, or in the folder above. */
  async #tableFor(file: string, notes: MotifNotes): Promise<ProteinTable | undefined> {
    for (const folder of [dirname(file), dirname(dirname(file))]) {
      const table = this.#tables.get(folder) ?? proteinTable(folder, notes, this.options);
      this.#tables.set(folder, table);
      if (await table) return await table;
    }
    return undefined;
  }
}

interface ProteinTable extends FileDigest {
  readonly path: string;
  readonly names: ReadonlyMap<string, readonly string[]>;
}

/** The fullest table of a folder that can be read. */
async function proteinTable(
  folder: string,
  notes: MotifNotes,
  options: ReadOptions,
): Promise<ProteinTable | undefined> {
  for (const name of PROTEIN_TABLES) {
    const path = join(folder, name);
    if (!(await stat(path).catch(() => undefined))?.isFile()) continue;
    try {
      const { text, sha256 } = await readText(path, options);
      return { path, sha256, names: parseProteinNames(text, path) };
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      notes.say(`${error.message}; motifs are named by their Motif_ID`);
    }
  }
  return undefined;
}

const areEqual = (a: KnownMotif, b: KnownMotif): boolean =>
  a.pwm.length === b.pwm.length &&
  a.pwm.every((column, i) => column.every((p, base) => Math.abs(p - b.pwm[i]![base]!) < ROUNDING));

/** The files of a folder and of the folders within, by name, hidden ones left out. */
async function* filesOf(folder: string): AsyncGenerator<string> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
    throw unreadable(folder, cause);
  });
  const visible = entries.filter(({ name }) => !name.startsWith('.'));
  // Names are compared by code unit, so that the order is the same on every machine.
  visible.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of visible) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesOf(path);
    else yield path;
  }
}
