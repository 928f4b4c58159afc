/** Pages in a real, headless Chromium without a GPU. */

import type { Page } from 'puppeteer-core';
import { expect } from 'vitest';

/** `@sparticuz/chromium` is built for Linux on x64. */
export const hasBrowser = process.platform === 'linux' && process.arch === 'x64';

/**
 * Gives an open tab; in the end it must have written nothing to its console, raised nothing and asked for
 * nothing.
 */
export async function inBrowser(work: (tab: Page) => Promise<void>): Promise<void> {
  const { default: chromium } = await import('@sparticuz/chromium');
  const { launch } = await import('puppeteer-core');
  const browser = await launch({
    executablePath: await chromium.executablePath(),
    args: chromium.args,
    headless: 'shell',
  });
  try {
    const complaints: string[] = [];
    const tab = await browser.newPage();
    tab.on('console', (message) => complaints.push(message.text()));
    tab.on('pageerror', (error) => complaints.push(String(error)));
    tab.on('request', (request) => complaints.push(`asks for ${request.url()}`));
    await work(tab);
    expect(complaints).toEqual([]);
  } finally {
    await browser.close();
  }
}

/** Least size of text in a figure on a narrow screen, px. */
const LEGIBLE = 8;

/**
 * Shows a page on wide and narrow screens, light and dark: all figures are there to be seen and no wider than
 * the page, their text is legible, inside the picture and of the page's colour, and the page itself does not
 * scroll sideways.
 */
export async function expectVisible(tab: Page, html: string, figures: number): Promise<void> {
  for (const [width, scheme] of [
    [1280, 'light'],
    [1280, 'dark'],
    [400, 'dark'],
    [400, 'light'],
  ] as const) {
    await tab.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
    await tab.setViewport({ width, height: 800 });
    await tab.setContent(html, { waitUntil: 'load' });
    const pictures = await tab.$$eval('figure svg', (svgs) =>
      svgs.map((svg) => {
        const box = svg.getBoundingClientRect();
        const frame = svg.closest('figure')!.getBoundingClientRect();
        const scale = box.width / (svg as SVGSVGElement).viewBox.baseVal.width;
        const texts = Array.from(svg.querySelectorAll('text'), (text) => {
          const at = text.getBoundingClientRect();
          const { fontSize, fill } = getComputedStyle(text);
          return {
            text: text.textContent,
            fixed: text.classList.contains('fixed'),
            size: Number.parseFloat(fontSize) * scale,
            outside: Math.max(
              box.left - at.left,
              at.right - box.right,
              box.top - at.top,
              at.bottom - box.bottom,
            ),
            fill,
          };
        }).filter(({ text }) => text !== '');
        return {
          ground: getComputedStyle(svg.querySelector('.ground')!).display,
          width: box.width,
          height: box.height,
          over: Math.max(box.right - frame.right, svg.parentElement!.scrollWidth - frame.width),
          texts,
        };
      }),
    );
    expect(pictures).toHaveLength(figures);
    const ink = await tab.$eval('body', (body) => getComputedStyle(body).color);
    expect(ink).toBe(scheme === 'light' ? 'rgb(31, 35, 40)' : 'rgb(230, 237, 243)');
    for (const picture of pictures) {
      expect(Math.min(picture.width, picture.height)).toBeGreaterThan(50);
      expect(picture.over).toBeLessThan(1);
      expect(picture.ground).toBe('none');
      for (const { text, fixed, size, outside, fill } of picture.texts) {
        if (!fixed) expect(size, `size of "${text}" at ${width}`).toBeGreaterThanOrEqual(LEGIBLE);
        expect(outside, `how far "${text}" leaves its picture at ${width}`).toBeLessThan(3);
        expect(fill).toBe(ink);
      }
    }
    expect(await tab.evaluate('document.documentElement.scrollWidth')).toBe(width);
  }
}

/** The colours that a page or an SVG shows: of its text, and of what is behind that. */
export async function coloursOf(
  tab: Page,
  html: string,
  prefers: 'light' | 'dark',
  media: 'screen' | 'print' = 'screen',
): Promise<{ readonly ink: string; readonly ground: string }> {
  const features = [{ name: 'prefers-color-scheme', value: prefers }];
  const session = await tab.createCDPSession();
  await session.send('Emulation.setEmulatedMedia', { media, features });
  await tab.setContent(html, { waitUntil: 'load' });
  const colours = await tab.evaluate(() => {
    const svg = document.querySelector('body > svg');
    const ground = svg?.querySelector('.ground');
    return {
      ink: getComputedStyle(svg?.querySelector('text') ?? document.body)[svg ? 'fill' : 'color'],
      ground: ground ? getComputedStyle(ground).fill : getComputedStyle(document.body).backgroundColor,
    };
  });
  await session.detach();
  return colours;
}

/** The sections in which something scrolls sideways by itself. */
export const scrolling = (tab: Page): Promise<(string | undefined)[]> =>
  tab.$$eval('.scroll', (boxes) =>
    boxes.filter((box) => box.scrollWidth > box.clientWidth).map((box) => box.closest('section')?.id),
  );
