/**
 * Pictures and reports, an entry point of its own: logos and pages need nothing else, charts load Vega when
 * the first is drawn. `index.node.ts` adds PNG.
 */

export {
  askModel,
  type EncodedSequences,
  type MeasuredAgreement,
  measuredAgreements,
  type OnStep,
  type ReportAnswers,
  type ReportQuestions,
  type ReportStep,
} from './ask-model.js';
export * from './charts/index.js';
export type { StructureTrack } from './columns.js';
export { type DatabaseReport, databaseReport } from './databases/database-report.js';
export { type DemoReport, type DemoStage, demoReport } from './demo-report.js';
export { descriptionOf, findingOf } from './experiments/index.js';
export type { ReportFile } from './figures/figure-files.js';
export { BITS, type LogoOptions, sequenceLogo } from './figures/logo.js';
export {
  type ModelReport,
  modelReport,
  type NamedTask,
  type ReplicatesReport,
  type TasksReport,
} from './model-report.js';
export type { Theme } from './page/page-style.js';
export {
  askReplicates,
  type ReplicateQuestions,
  type ReplicatesAnswers,
  type SharedResult,
  type SharedRow,
} from './replicates/ask-replicates.js';
export type { SharedReport } from './replicates/replicates-sections.js';
export { type Fact, type ReportedModel, type ReportOrigin, reportFacts, unitOf } from './report-facts.js';
export type { TaskAgreement } from './sections/agreement-section.js';
export type { TaskReport } from './sections/task-sections.js';
export { resultFiles, type SurveyedModel, surveyedModels, type TrainedAs } from './stored-report.js';
export type { KnownMotifs } from './survey/motifs-section.js';
export {
  type NamedProteins,
  type NamesTable,
  nameProteins,
  type Protein,
  parseNames,
} from './survey/names.js';
export { type Published, parsePublished } from './survey/published.js';
export type { PublishedComparison } from './survey/published-section.js';
export type { StoredMotif, Surveyed } from './survey/surveyed.js';
export { type MadeSurvey, type Survey, survey } from './survey.js';
