/** What tests of charts look at: the marks of an SVG, and its title, axes and colours. */

import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { expect } from 'vitest';

export const OPTIONS = { title: 'A & B', xLabel: 'an x axis', yLabel: 'a <y> axis' };

type Element = { readonly [name: string]: unknown };

/** Elements of a well-formed chart that satisfy a test, in document order. */
export function elements(svg: string, test: (tag: string, attributes: Record<string, string>) => boolean) {
  expect(XMLValidator.validate(svg)).toBe(true);
  const found: Record<string, string>[] = [];
  const walk = (nodes: readonly Element[]) => {
    for (const node of nodes) {
      const tag = Object.keys(node).find((key) => key !== ':@')!;
      const attributes = (node[':@'] ?? {}) as Record<string, string>;
      if (test(tag, attributes)) found.push(attributes);
      if (Array.isArray(node[tag])) walk(node[tag] as Element[]);
    }
  };
  walk(new XMLParser({ ignoreAttributes: false, preserveOrder: true }).parse(svg) as Element[]);
  return found;
}

/** Marks by what Vega calls them for screen readers. */
export const marks = (svg: string, role: string) =>
  elements(svg, (_, attributes) => attributes['@_aria-roledescription'] === role);

export const expectDressed = (svg: string) => {
  expect(svg).toContain('<title>A &amp; B</title>');
  expect(svg).toMatch(/^<svg [^>]*role="img" aria-label="A &amp; B"/);
  expect(svg).toContain('an x axis');
  expect(svg).toContain('a &lt;y&gt; axis');
  expect(svg).toContain('fill="currentColor"');
  // Nothing is black or white whatever the page.
  expect(svg).not.toMatch(/(fill|stroke)="(#000|#fff|black|white)"/);
};
