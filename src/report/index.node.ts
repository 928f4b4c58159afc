/** The report floor for Node: everything of `index.ts`, and PNG. */

export { type PngOptions, svgToPng } from './figures/png.node.js';
export * from './index.js';
export { readReports, type StoredModel } from './stored-report.node.js';
