/** Charts as SVG, each with the rows that it shows. */

export { type Bar, barChart } from './bar-chart.js';
export { type BoxPlotOptions, type BoxSummary, boxPlot, boxSummary } from './box-plot.js';
export { type Chart, type ChartOptions, rowsToTsv } from './chart.js';
export { type Dot, dotPlot } from './dot-plot.js';
export { type HeatMapCell, type HeatMapOptions, heatMap } from './heat-map.js';
export { type Bin, type HistogramOptions, histogram, histogramBins } from './histogram.js';
export { type LinePoint, lineChart } from './lines.js';
export { type Point, type ScatterOptions, scatterPlot } from './scatter.js';
export { type Density, densityOf, violinPlot } from './violin-plot.js';
