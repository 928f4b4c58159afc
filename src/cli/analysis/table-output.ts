/**
 * The file of an analysis' table, with what lies beside it: manifest, checkpoint, and what an unfinished run
 * has reached.
 */

import { rm } from 'node:fs/promises';
import type { ResultTable } from '../../gia/tables/result-table.js';
import { encodeTable, formatOf, type TableFormat } from '../../gia/tables/table-files.js';
import type { StorageFormat } from '../../tensor/fused.js';
import { writeResults } from '../output/files.js';
import { jsonText, MANIFEST, OutputFile } from '../output/output.js';
import { checkedOption, UsageError } from '../terminal/errors.js';
import type { Io } from '../terminal/io.js';

export class TableOutput implements Disposable {
  private constructor(
    readonly file: OutputFile,
    readonly format: TableFormat,
  ) {}

  /**
   * @throws as `OutputFile.open`; UsageError for a name without a format, or with one that cannot hold local
   * importances
   */
  static async open(io: Io, out: string, local: StorageFormat | undefined): Promise<TableOutput> {
    const partial = partialOf(out);
    const beside = [`${out}.checkpoint`, partial, `${partial}${MANIFEST}`];
    const file = await OutputFile.open(io, out, { beside });
    try {
      // A pipe or device needs no name that says its format.
      const format = file.isFile || /\.\w+$/.test(out) ? checkedOption(() => formatOf(out)) : 'tsv';
      if (local && format !== 'npz')
        throw new UsageError('--local needs --out <file>.npz, since only .npz files hold local importances');
      return new TableOutput(file, format);
    } catch (error) {
      file.dispose();
      throw error;
    }
  }

  /** Where an unfinished run goes on from; undefined for a pipe or device. */
  get checkpoint(): string | undefined {
    return this.file.isFile ? `${this.file.path}.checkpoint` : undefined;
  }

  async write({ table, local }: ResultTable, about: object): Promise<void> {
    await this.writeAs((format) => encodeTable(table, format, { manifest: about, local }), about);
  }

  /** Writes a table of another kind. @param encode gives its contents in a format */
  async writeAs(encode: (format: TableFormat) => Promise<string | Uint8Array>, about: object): Promise<void> {
    await this.file.write(await encode(this.format), about);
    if (this.file.isFile) for (const path of this.#partial) await rm(path, { force: true });
  }

  /** Writes what an unfinished run has reached. @returns the file */
  async writePartial({ table, local }: ResultTable, about: object): Promise<string> {
    const [path, manifest] = this.#partial;
    const contents = await encodeTable(table, this.format, { manifest: about, local });
    await writeResults([
      { path, contents },
      { path: manifest, contents: jsonText(about) },
    ]);
    return path;
  }

  get #partial(): [string, string] {
    const path = partialOf(this.file.path);
    return [path, `${path}${MANIFEST}`];
  }

  dispose(): void {
    this.file.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

/** `6-mers.tsv` → `6-mers.partial.tsv`. */
const partialOf = (path: string): string => path.replace(/(\.[^./]*)?$/, '.partial$1');
