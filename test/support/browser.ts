/** Pages in a real, headless Chromium without a GPU. */

import type { Page } from 'puppeteer-core';
import { expect } from 'vitest';

/** `@sparticuz/chromium` is built for Linux on x64. */
export const hasBrowser = process.platform === 'linux' && process.arch === 'x64';

/** Gives an open tab; in the end it must have written nothing to its console, raised nothing and asked for nothing. */
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

/** Shows a page on wide and narrow screens: all figures are there to be seen, and the page itself does not scroll sideways. */
export async function expectVisible(tab: Page, html: string, figures: number): Promise<void> {
  for (const width of [1280, 400]) {
    await tab.setViewport({ width, height: 800 });
    await tab.setContent(html, { waitUntil: 'load' });
    const sizes = await tab.$$eval('figure svg', (svgs) =>
      svgs.map((svg) => [svg.getBoundingClientRect().width, svg.getBoundingClientRect().height]),
    );
    expect(sizes).toHaveLength(figures);
    for (const [w, h] of sizes) expect(Math.min(w!, h!)).toBeGreaterThan(50);
    expect(await tab.evaluate('document.documentElement.scrollWidth')).toBe(width);
  }
}
