/**
 * SVG → PNG in Node, by the optional package `@resvg/resvg-js`. It is loaded when first needed; where it is
 * missing, the error says what to install.
 */

import { createRequire } from 'node:module';
import { FormatError, MissingPackageError } from '../../device/errors.js';
import { GROUND, INK } from './svg.js';

const PACKAGE = '@resvg/resvg-js';

/** How an SVG is rasterised. */
export interface PngOptions {
  /** Pixels per px of the SVG; default 2. */
  readonly scale?: number;
  /** CSS colour behind the picture; default white. `transparent` for none. */
  readonly background?: string;
  /** CSS colour of text and axes; default #1f2328. */
  readonly colour?: string;
}

/** The white ground of this package's pictures, which `background` replaces. */
const OWN_GROUND = /<rect class="ground"[^>]*>/;

/** The part of the package that is used. */
interface Resvg {
  readonly Resvg: new (svg: string, options: object) => { render(): { asPng(): Uint8Array } };
}

/**
 * Draws an SVG of this package.
 *
 * @throws ResidualBindError where `@resvg/resvg-js` is not installed; FormatError for text that is not SVG
 */
export async function svgToPng(svg: string, options: PngOptions = {}): Promise<Uint8Array> {
  const { scale = 2, background = GROUND, colour = INK } = options;
  const { Resvg } = load();
  const painted = svg.replace(OWN_GROUND, '').replaceAll('currentColor', colour);
  try {
    const image = new Resvg(painted, {
      fitTo: { mode: 'zoom', value: scale },
      font: { loadSystemFonts: true, defaultFontFamily: 'DejaVu Sans' },
      ...(background === 'transparent' ? {} : { background }),
    });
    return image.render().asPng();
  } catch (cause) {
    throw new FormatError(`the SVG cannot be drawn (${(cause as Error).message})`, { cause });
  }
}

function load(): Resvg {
  try {
    return createRequire(import.meta.url)(PACKAGE) as Resvg;
  } catch (cause) {
    throw new MissingPackageError(
      `PNG needs the package ${PACKAGE}; install it with: npm install ${PACKAGE}`,
      {
        cause,
      },
    );
  }
}
