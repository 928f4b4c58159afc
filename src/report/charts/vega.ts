/**
 * The chart libraries, development dependencies: the build replaces this module by one file with what it
 * needs of them (`scripts/bundle-charts.mjs`), so that nobody has to install their 90 packages.
 */

export * as vega from 'vega';
export { compile } from 'vega-lite';
