/** Which of many points a picture draws, so that it stays small and still looks like all of them. */

export interface Thinnable {
  readonly x: number;
  readonly y: number;
  readonly series?: string;
}

/** Initial number of squares along an axis. */
const SQUARES = 32;

/**
 * Chooses points so that dense places still look denser than others: every small square of the plane that has
 * points keeps one of them, and the same share of the rest, in each series alike. The outermost points in
 * each of eight directions are always drawn.
 *
 * @param most points drawn, and at most eight more
 * @returns indices of the points to draw, in order
 */
export function thinned(points: readonly Thinnable[], most: number): number[] {
  const all = [...points.keys()];
  if (points.length <= most) return all;
  let squares = SQUARES;
  let cells = byCell(points, squares);
  while (2 * cells.length > most && squares > 1) {
    squares = Math.floor(0.75 * squares);
    cells = byCell(points, squares);
  }
  const keptOf =
    (share: number) =>
    ({ length }: Cell) =>
      1 + Math.floor(share * (length - 1));
  let [low, high] = [0, 1];
  for (let i = 0; i < 40; i++) {
    const share = (low + high) / 2;
    const total = cells.reduce((sum, cell) => sum + keptOf(share)(cell), 0);
    if (total <= most) low = share;
    else high = share;
  }
  const drawn = new Set(DIRECTIONS.map((direction) => greatest(points, direction)));
  for (const cell of cells) {
    const kept = keptOf(low)(cell);
    for (let j = 0; j < kept; j++) drawn.add(cell[Math.floor((j * cell.length) / kept)]!);
  }
  return all.filter((i) => drawn.has(i));
}

const DIRECTIONS: readonly ((point: Thinnable) => number)[] = [
  ({ x }) => x,
  ({ x }) => -x,
  ({ y }) => y,
  ({ y }) => -y,
  ({ x, y }) => x + y,
  ({ x, y }) => -x - y,
  ({ x, y }) => x - y,
  ({ x, y }) => y - x,
];

const greatest = (points: readonly Thinnable[], of: (point: Thinnable) => number): number =>
  points.reduce((best, point, i) => (of(point) > of(points[best]!) ? i : best), 0);

/** Indices of the points in one square, series by series. */
type Cell = readonly number[];

function byCell(points: readonly Thinnable[], squares: number): Cell[] {
  const [column, line] = (['x', 'y'] as const).map((axis) => {
    const low = points.reduce((least, point) => Math.min(least, point[axis]), Number.POSITIVE_INFINITY);
    const high = points.reduce((most, point) => Math.max(most, point[axis]), Number.NEGATIVE_INFINITY);
    return (value: number) =>
      high > low ? Math.min(squares - 1, Math.floor((squares * (value - low)) / (high - low))) : 0;
  }) as [(value: number) => number, (value: number) => number];
  const order = [...points.keys()].sort((a, b) => compare(points[a]!.series, points[b]!.series) || a - b);
  const cells = new Map<number, number[]>();
  for (const i of order) {
    const key = squares * line(points[i]!.y) + column(points[i]!.x);
    const cell = cells.get(key);
    if (cell) cell.push(i);
    else cells.set(key, [i]);
  }
  return [...cells.values()];
}

const compare = (a = '', b = ''): number => (a < b ? -1 : a > b ? 1 : 0);
