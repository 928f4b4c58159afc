/** Files beside a report's page, collected as its figures are made: every picture and the numbers in it. */

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
  /** @param remark ends every caption */
  constructor(
    readonly all: ReportFile[] = [],
    readonly remark?: string,
  ) {}

  /** The same files; captions of figures that are added to these end with a remark. */
  remarking(remark: string | undefined): Files {
    return new Files(this.all, remark);
  }

  /** Keeps a figure's SVG and its numbers, and gives the figure as HTML. */
  figure(name: string, svg: string, rows: readonly object[], caption: string): string {
    const paths = [`${FOLDER}/${name}.svg`, `${FOLDER}/${name}.tsv`] as const;
    this.all.push({ path: paths[0], contents: svg });
    this.table(paths[1], rows);
    return figure(svg, this.remark === undefined ? caption : `${caption} ${this.remark}`, paths);
  }

  /** Keeps a table of numbers. */
  table(path: string, rows: readonly object[]): void {
    this.all.push({ path, contents: rowsToTsv(rows) });
  }
}
