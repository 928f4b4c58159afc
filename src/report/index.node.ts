/** The report floor for Node: everything of `index.ts`, and PNG. */
export * from './index.js';
export { type PngOptions, svgToPng } from './png.node.js';
