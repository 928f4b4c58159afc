/** Running totals since the device was opened. */
export interface Counters {
  dispatches: number;
  submits: number;
  bindGroups: number;
  uploads: number;
  uploadedBytes: number;
}
