/** The report floor for Node: everything of `index.ts`, PNG, reports that were stored, and studies. */

export { type PngOptions, svgToPng } from './figures/png.node.js';
export * from './index.js';
export { type FoundReports, findReports, readReports, type StoredModel } from './stored-report.node.js';
export { type StudyOptions, study } from './study/study.node.js';
export {
  type StudyEntry,
  type StudyPlace,
  type StudyTraining,
  studyEntries,
} from './study/study-files.node.js';
export type { StudyReportOptions } from './study/study-report.node.js';
export type { StudyTrainingOptions } from './study/study-training.node.js';
