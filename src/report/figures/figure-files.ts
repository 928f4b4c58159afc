/** The files beside a report's page: every figure and its numbers, collected while figures are made. */

import { rowsToTsv } from '../charts/index.js';
import { figure } from '../page/page.js';

/** A file beside the page. */
export interface ReportFile {
  /** Relative to the page. */
  readonly path: string;
  readonly contents: string;
}

export const FOLDER = 'figures';

export class Files {
  /**
   * @param folder of the files
   * @param remarks are added to every caption
   */
  constructor(
    readonly all: ReportFile[] = [],
    readonly folder: string = FOLDER,
    readonly remarks: readonly string[] = [],
  ) {}

  /** The same files, with a remark added to the captions of further figures. */
  remarking(remark: string | undefined): Files {
    return remark === undefined ? this : new Files(this.all, this.folder, [...this.remarks, remark]);
  }

  /** The same files, with further ones in a folder of their own. */
  in(name: string): Files {
    return new Files(this.all, `${this.folder}/${name}`, this.remarks);
  }

  /** Adds a figure's SVG and its numbers. @returns the figure as HTML */
  figure(name: string, svg: string, rows: readonly object[], caption: string): string {
    const paths = [`${this.folder}/${name}.svg`, `${this.folder}/${name}.tsv`] as const;
    this.all.push({ path: paths[0], contents: svg });
    this.table(name, rows);
    return figure(svg, [caption, ...this.remarks].join(' '), paths);
  }

  /** Adds a table of numbers. @returns its path */
  table(name: string, rows: readonly object[]): string {
    const path = `${this.folder}/${name}.tsv`;
    this.all.push({ path, contents: rowsToTsv(rows) });
    return path;
  }
}
