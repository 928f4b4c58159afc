/** Where the labels of points stand, so that no label covers another label or a point. */
import { widthOf } from '../figures/svg.js';

/** A point of a plot, px from its left and upper edge. */
export interface LabelledPoint {
  readonly x: number;
  readonly y: number;
  readonly label?: string | undefined;
}

/** Place of a label relative to its point, px, and the part of the label that stands there. */
export interface LabelPlace {
  readonly dx: number;
  readonly dy: number;
  readonly align: 'left' | 'center' | 'right';
}

/** Font size of labels, height of their line, and their greatest width, px. */
export const LABEL = { size: 11, height: 12, most: 96 } as const;

/** Radius of a point, px. */
const RADIUS = 4;

/** In order of preference. */
const PLACES: readonly LabelPlace[] = [
  { dx: 7, dy: 0, align: 'left' },
  { dx: -7, dy: 0, align: 'right' },
  { dx: 0, dy: -12, align: 'center' },
  { dx: 0, dy: 12, align: 'center' },
  { dx: 5, dy: -9, align: 'left' },
  { dx: -5, dy: -9, align: 'right' },
  { dx: 5, dy: 9, align: 'left' },
  { dx: -5, dy: 9, align: 'right' },
];

interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

const overlap = (a: Box, b: Box): boolean =>
  a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;

/** The area that a label takes. */
export function labelBox({ x, y, label = '' }: LabelledPoint, { dx, dy, align }: LabelPlace): Box {
  // Labels are often capitals, which are wider than other letters.
  const width = Math.min(LABEL.most, 1.15 * widthOf(label, LABEL.size));
  const left = x + dx - { left: 0, center: width / 2, right: width }[align];
  return { left, right: left + width, top: y + dy - LABEL.height / 2, bottom: y + dy + LABEL.height / 2 };
}

/**
 * A place for each label: the first of eight around its point that lies within the plot and covers nothing. Labels are
 * placed in the order of the points.
 *
 * @param size of the plot, px
 * @returns undefined for a point without a label, and for a label that has no such place
 */
export function placeLabels(
  points: readonly LabelledPoint[],
  size: { readonly width: number; readonly height: number },
): readonly (LabelPlace | undefined)[] {
  const taken: Box[] = points.map(({ x, y }) => ({
    left: x - RADIUS,
    right: x + RADIUS,
    top: y - RADIUS,
    bottom: y + RADIUS,
  }));
  return points.map((point) => {
    if (point.label === undefined) return undefined;
    const place = PLACES.find((each) => {
      const box = labelBox(point, each);
      const isInside = box.left >= 0 && box.right <= size.width && box.top >= 0 && box.bottom <= size.height;
      return isInside && !taken.some((other) => overlap(box, other));
    });
    if (place) taken.push(labelBox(point, place));
    return place;
  });
}
