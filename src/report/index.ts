/**
 * Pictures and reports, an entry point of its own: logos and pages need nothing else, charts load Vega when the first
 * is drawn. `index.node.ts` adds PNG.
 */

export type { Agreement } from './agreement-section.js';
export * from './charts/index.js';
export type { StructureTrack } from './columns.js';
export { type DemoReport, demoReport, type Stage } from './demo-report.js';
export type { ReportFile } from './figure-files.js';
export { BITS, type LogoOptions, sequenceLogo } from './logo.js';
export { type ModelReport, modelReport } from './model-report.js';
export type { Theme } from './page-style.js';
export { STORED, type SurveyedModel, surveyedModel } from './stored-report.js';
export { type Survey, survey } from './survey.js';
