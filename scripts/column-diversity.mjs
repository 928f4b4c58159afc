/**
 * Draws docs/column-diversity.svg: how many different vectors there are at every position of every stage of
 * the paper's network when all 6-mers stand at position 17, from the planner itself.
 *
 *   node scripts/column-diversity.mjs
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { kmerPatterns } from '../dist/gia/importance.js';
import { classCount, Partitions, patternSet } from '../dist/gia/sweep/partition.js';
import { planSweep } from '../dist/gia/sweep/plan.js';
import { architecture, PRESETS } from '../dist/nn/presets.js';

const [K, POSITION] = [6, 17];
const { length, taps, dilations, pool } = PRESETS.paper.sizes;
const set = patternSet(kmerPatterns(K, POSITION, length), length);
const partitions = new Partitions(set);
const plan = planSweep(architecture('paper'), set);

const reach = [(taps - 1) / 2];
for (const dilation of dilations) reach.push(reach.at(-1) + dilation);
const stages = [plan.first, ...plan.convolutions].map(({ run }, s) => ({
  name: s === 0 ? `first convolution, ${taps} taps` : `dilation ${dilations[s - 1]}`,
  run,
  counts: Array.from({ length }, (_, p) => classCount(partitions.of(p - reach[s], p + reach[s]))),
}));
const input = {
  name: 'sequence',
  run: { first: 0, count: 0 },
  counts: Array.from({ length }, (_, p) => classCount(partitions.of(p, p))),
};

const [CELL, LEFT, TOP, ROW] = [20, 190, 56, 40];
const COLOURS = ['#eef3f8', '#d3e3f0', '#a9cce3', '#7fb3d5', '#5499c7', '#2e7fb3', '#1b4f72'];
const rows = [input, ...stages];
const width = LEFT + length * CELL + 16;
const height = TOP + rows.length * ROW + 74;
const text = (x, y, content, rest = '') => `<text x="${x}" y="${y}" ${rest}>${content}</text>`;

const cells = rows.flatMap(({ name, counts, run }, r) => {
  const y = TOP + r * ROW;
  return [
    text(LEFT - 10, y + 20, name, 'text-anchor="end"'),
    ...counts.map((count, p) => {
      const level = Math.round(Math.log(count) / Math.log(4));
      return `<rect x="${LEFT + p * CELL}" y="${y}" width="${CELL - 2}" height="28" rx="2" fill="${COLOURS[level]}"><title>position ${p}: ${count} vectors</title></rect>`;
    }),
    ...(run.count > 0
      ? [
          `<rect x="${LEFT + run.first * CELL - 2}" y="${y - 2}" width="${run.count * CELL + 2}" height="32" rx="3" fill="none" stroke="#c0392b" stroke-width="2"/>`,
        ]
      : []),
  ];
});
const axis = Array.from({ length }, (_, p) =>
  p % 5 === 0 ? text(LEFT + p * CELL + CELL / 2 - 1, TOP - 10, p, 'text-anchor="middle"') : '',
);
const legendAt = TOP + rows.length * ROW + 24;
const legend = COLOURS.map(
  (colour, level) =>
    `<rect x="${LEFT + level * 84}" y="${legendAt - 14}" width="18" height="18" rx="2" fill="${colour}" stroke="#ccd"/>${text(LEFT + level * 84 + 24, legendAt, (4 ** level).toLocaleString('en'))}`,
);
const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="13" fill="#222" role="img">
<title>Different vectors at every position of every stage, all ${K}-mers at ${POSITION}</title>
<rect width="${width}" height="${height}" rx="8" fill="#fff"/>
${text(16, 24, `Different vectors per background, all 4,096 ${K}-mers at position ${POSITION} (mean pool of ${pool} and dense layer follow)`, 'font-weight="600"')}
${[...axis.filter(Boolean), ...cells, text(LEFT - 10, legendAt, 'different vectors', 'text-anchor="end"'), ...legend].join('\n')}
<rect x="${LEFT}" y="${legendAt + 16}" width="18" height="14" rx="2" fill="none" stroke="#c0392b" stroke-width="2"/>
${text(LEFT + 24, legendAt + 28, 'the run: computed per pattern. Everything outside is computed once per class of patterns.')}
</svg>
`;
const path = fileURLToPath(new URL('../docs/column-diversity.svg', import.meta.url));
writeFileSync(path, svg);
console.log(path);
