/**
 * Pictures and reports, an entry point of its own: logos and pages need nothing else, charts load Vega when the first
 * is drawn. `index.node.ts` adds PNG.
 */
export * from './charts/index.js';
export { type DemoReport, demoReport, type Stage } from './demo-report.js';
export { BITS, type LogoOptions, type StructureTrack, sequenceLogo } from './logo.js';
export { type Agreement, type ModelReport, modelReport, type ReportFile } from './model-report.js';
