/**
 * The chart libraries, which are development dependencies. The build replaces this module by one file with
 * the parts that are used (`scripts/bundle-charts.mjs`), so that users do not install their 90 packages.
 */

export * as vega from 'vega';
export { compile } from 'vega-lite';
