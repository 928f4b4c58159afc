/** The script of a page: tips of marks under a pointer, a finger or the arrow keys, and tables that sort. */

export const SCRIPT = `
{
const tip = document.getElementById('tip');
const isMark = '[data-tip], figure [aria-label]:not(svg, [role=graphics-object], [aria-roledescription=axis], [aria-roledescription=legend], [aria-roledescription=title])';
const textOf = (mark) => mark.dataset.tip || mark.getAttribute('aria-label');
const hide = () => { tip.hidden = true; };
const show = (mark, x, y) => {
  tip.hidden = false;
  tip.textContent = textOf(mark);
  // In coordinates of the page, so that the tip stays at its mark when the page scrolls.
  tip.style.left = scrollX + Math.max(8, Math.min(x + 12, document.documentElement.clientWidth - tip.offsetWidth - 8)) + 'px';
  tip.style.top = scrollY + Math.max(8, Math.min(y + 14, innerHeight - tip.offsetHeight - 8)) + 'px';
};
const showAt = (mark) => { const box = mark.getBoundingClientRect(); show(mark, box.x + box.width / 2, box.y + box.height / 2); };
for (const type of ['pointermove', 'pointerdown']) document.addEventListener(type, (event) => {
  const mark = event.target.closest && event.target.closest(isMark);
  if (mark) show(mark, event.clientX, event.clientY); else hide();
});
for (const button of document.querySelectorAll('button[data-tip]')) { button.addEventListener('focus', () => showAt(button)); button.addEventListener('blur', hide); }
for (const svg of document.querySelectorAll('figure svg')) {
  // Parts of one mark have the same tip and are one step; lines have no place for a tip.
  const steps = [...new Map([...svg.querySelectorAll(isMark)].filter((mark) => !/line|area/.test(mark.getAttribute('aria-roledescription'))).map((mark) => [textOf(mark), mark])).values()];
  if (steps.length === 0) continue;
  let at = -1;
  svg.tabIndex = 0;
  svg.addEventListener('blur', hide);
  svg.addEventListener('keydown', (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (event.key === 'Escape') hide();
    if (!step) return;
    event.preventDefault();
    at = Math.max(0, Math.min(at + step, steps.length - 1));
    showAt(steps[at]);
  });
}
// A table that is wider than the page says so, and can be scrolled with a keyboard.
const sayWhatScrolls = () => { for (const box of document.querySelectorAll('.scroll')) {
  const wide = box.scrollWidth > box.clientWidth + 1;
  box.previousElementSibling.hidden = !wide;
  if (wide) box.tabIndex = 0; else box.removeAttribute('tabindex');
} };
addEventListener('resize', sayWhatScrolls);
sayWhatScrolls();
for (const button of document.querySelectorAll('.sortable th button')) button.addEventListener('click', () => {
  const head = button.parentElement, body = head.closest('table').tBodies[0], column = head.cellIndex;
  const direction = head.ariaSort === 'descending' ? 1 : -1;
  for (const other of head.parentElement.cells) other.removeAttribute('aria-sort');
  head.setAttribute('aria-sort', direction > 0 ? 'ascending' : 'descending');
  const key = (row) => { const cell = row.cells[column]; return 'value' in cell.dataset ? Number(cell.dataset.value) : cell.textContent; };
  const rows = [...body.rows].sort((a, b) => { const [x, y] = [key(a), key(b)]; return direction * (x < y ? -1 : x > y ? 1 : 0); });
  body.append(...rows);
});
}
`;
