/** The style of a page, wide and narrow, light and dark. */

/** Colours of a page: the reader's preference, or always light or dark. Printed pages are always light. */
export type Theme = 'auto' | 'light' | 'dark';

/** The attribute of the root that `THEMES` uses. */
export const themeAttribute = (theme: Theme = 'auto'): string =>
  theme === 'auto' ? '' : ` data-theme="${theme}"`;

export const THEMES = `
:root { color-scheme: light dark }
:root[data-theme=light] { color-scheme: light }
:root[data-theme=dark] { color-scheme: dark }
@media print { :root, :root[data-theme] { color-scheme: light } }`;

export const STYLE = `${THEMES}
:root { --line: light-dark(#d8dee4, #3d444d); --soft: light-dark(#59636e, #9198a1); --page: light-dark(#fff, #0d1117); --ink: light-dark(#1f2328, #e6edf3); --raised: light-dark(#f6f8fa, #161b22); --link: light-dark(#0969da, #4493f8) }
* { box-sizing: border-box }
body { margin: 0; overflow-wrap: break-word; font: 16px/1.55 system-ui, -apple-system, "Segoe UI", "Helvetica Neue", Arial, sans-serif; background: var(--page); color: var(--ink) }
header { padding: 2rem 1.5rem 1rem; border-bottom: 1px solid var(--line) }
header h1 { margin: 0 0 .25rem; font-size: 1.7rem; line-height: 1.25; overflow-wrap: anywhere }
header p { margin: 0; color: var(--soft) }
.layout { display: grid; grid-template-columns: 14rem minmax(0, 1fr); gap: 2rem; padding: 0 1.5rem; max-width: 76rem }
nav { position: sticky; top: 0; align-self: start; padding: 1.5rem 0; font-size: .93rem }
nav { max-height: 100vh; overflow-y: auto } nav ol { margin: 0; padding-left: 1.7rem } nav li { margin: .2rem 0 } nav ol ol { padding-left: 1rem; list-style: none } summary { cursor: pointer }
a { color: var(--link); text-decoration: none } a:hover { text-decoration: underline }
section { padding: 1.2rem 0 1.6rem; border-bottom: 1px solid var(--line) }
section:last-child { border: 0 } .whole > h2 { font-size: 1.5rem } .whole > section > h3 { font-size: 1.15rem }
h2 { font-size: 1.25rem; margin: 0 0 .6rem } h3 { font-size: 1rem; margin: 1.2rem 0 .4rem }
p { margin: .5rem 0; max-width: 46rem }
figure { margin: 1rem 0 1.4rem } figcaption { color: var(--soft); font-size: .9rem; max-width: 46rem; margin-top: .3rem }
.files a { display: inline-block; margin-right: .6rem }
figure svg { color: inherit; display: block; max-width: 100%; height: auto } figure svg > .ground { display: none } figure svg:focus:not(:focus-visible) { outline: none } figure svg:focus-visible { outline: 2px solid var(--link); outline-offset: 2px }
.scroll { overflow-x: auto; max-width: 100% }
table { border-collapse: collapse; margin: .8rem 0; font-size: .93rem; font-variant-numeric: tabular-nums }
th, td { padding: .25rem .9rem .25rem 0; text-align: left; vertical-align: bottom; border-bottom: 1px solid var(--line) } td { vertical-align: top }
th:first-child, td:first-child { position: sticky; left: 0; background: var(--page) } td:first-child:not(.letters) { max-width: 20rem }
th:last-child, td:last-child { padding-right: 0 }
.number { text-align: right } td.number { white-space: nowrap } td.letters { font-family: ui-monospace, "DejaVu Sans Mono", monospace }
th button { all: unset; cursor: pointer; font-weight: 600 } th button[data-tip] { text-decoration: underline dotted; text-underline-offset: .2em } th button:focus-visible { outline: 2px solid var(--link) }
th[aria-sort=ascending] button::after { content: " ▲" } th[aria-sort=descending] button::after { content: " ▼" }
dl { display: grid; grid-template-columns: fit-content(14rem) minmax(0, 1fr); gap: .15rem 1rem; font-size: .93rem } dt { color: var(--soft); overflow-wrap: anywhere } dd { margin: 0; overflow-wrap: anywhere }
.note { color: var(--soft); font-size: .93rem }
ul.findings { padding-left: 1.2rem; max-width: 46rem } ul.findings li { margin: .35rem 0 }
#tip { position: absolute; left: 0; top: 0; width: max-content; z-index: 2; pointer-events: none; background: var(--raised); color: var(--ink); border: 1px solid var(--line); border-radius: .3rem; padding: .2rem .5rem; font-size: .85rem; max-width: 20rem }
@media (max-width: 52rem) { .layout { display: block; padding: 0 1rem } header { padding: 1.2rem 1rem .8rem } nav { position: static; max-height: none; padding: 1rem 0 0 } dl { display: block } dd { margin-bottom: .4rem } }
@media (max-width: 40rem) { table { font-size: .82rem } th, td { padding-right: .5rem } td.wraps { white-space: normal } td:first-child:not(.letters) { max-width: 9rem } svg.long text:not(.fixed) { font-size: 17px } }
@media print { nav { display: none } .layout { display: block } }
`;
