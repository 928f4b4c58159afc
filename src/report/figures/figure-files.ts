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
  /** @param remark is added to every caption */
  constructor(
    readonly all: ReportFile[] = [],
    readonly remark?: string,
  ) {}

  /** The same files, with a remark added to the captions of further figures. */
  remarking(remark: string | undefined): Files {
    return new Files(this.all, remark);
  }

  /** Adds a figure's SVG and its numbers. @returns the figure as HTML */
  figure(name: string, svg: string, rows: readonly object[], caption: string): string {
    const paths = [`${FOLDER}/${name}.svg`, `${FOLDER}/${name}.tsv`] as const;
    this.all.push({ path: paths[0], contents: svg });
    this.table(paths[1], rows);
    return figure(svg, this.remark === undefined ? caption : `${caption} ${this.remark}`, paths);
  }

  /** Adds a table of numbers. */
  table(path: string, rows: readonly object[]): void {
    this.all.push({ path, contents: rowsToTsv(rows) });
  }
}
