/**
 * Figures that runners reach in turns, as tables on the way and as rows of a record: ours judged by their
 * goals, others by how much faster ours of the same class is.
 */
import { median } from './statistics.mjs';
import { absentLines, number, table } from './table.mjs';

/** The precisions of others that each of ours is compared with. */
const CLASSES = { f32: ['f32', 'tf32'], f16x2: ['f32', 'tf32'], f16: ['f16'] };

export class Figures {
  #effort;
  #judges;
  rows = [];
  /** `{ name, reason }` */
  absent = [];

  /**
   * @param effort rounds, and what a runner does in one, see `timing.mjs`
   * @param judges whether goals count
   * @param absent runners that did not start
   */
  constructor({ effort, judges, absent }) {
    this.#effort = effort;
    this.#judges = judges;
    this.absent.push(...absent);
    for (const line of absentLines(absent)) console.log(line);
  }

  /** Work that fails is left out, and said once. */
  async attempt({ name }, work) {
    try {
      return await work();
    } catch ({ message }) {
      if (this.absent.some((other) => other.name === name && other.reason === message)) return;
      this.absent.push({ name, reason: message });
      console.log(`without ${name}: ${message}`);
    }
  }

  /**
   * Times works in turns and reports them.
   *
   * @param shape of the figures: their `unit`, `decimals`, and `isLess` where less is better
   * @param entries `{ figure, runner, work, value, check?, goal?, note? }`: `value` turns seconds into the
   * figure, `check` takes the runner and its first result, and throws where that is wrong; `result` is added,
   * and is what came first
   * @param known rows of the same table that need no timing
   * @returns the rows of entries
   */
  async measure(title, shape, entries, known = []) {
    const timed = [];
    for (const entry of entries) {
      const { figure, runner, work, check, note = '' } = entry;
      const slot = `${figure} ${note}`;
      await this.attempt(runner, async () => {
        await runner.request('prepare', work, slot);
        entry.result = await runner.request('run', undefined, slot);
        check?.(runner, entry.result);
        timed.push({ entry, slot, seconds: [] });
      });
    }
    for (let round = 0; round < this.#effort.rounds; round++)
      for (const { entry, slot, seconds } of timed)
        await this.attempt(entry.runner, async () =>
          seconds.push(...(await entry.runner.request('time', this.#effort, slot))),
        );
    for (const { entry, slot } of timed)
      await this.attempt(entry.runner, () => entry.runner.request('release', undefined, slot));
    const rows = timed
      .filter(({ seconds }) => seconds.length > 0)
      .map(({ entry: { figure, runner, note, value, goal }, seconds }) => {
        const { name, kind, precision } = runner;
        const values = seconds.map(value);
        return { figure, name, kind, precision, note, goal, value: median(values), values };
      });
    this.report(title, shape, [...rows, ...known]);
    return rows;
  }

  /** Judges, keeps and prints rows. */
  report(title, { unit, decimals, isLess }, found) {
    if (found.length === 0) return;
    const isMet = ({ goal, value }) => {
      if (goal === undefined || !this.#judges) return null;
      return isLess ? value <= goal : value >= goal;
    };
    const faster = ({ figure, kind, precision, value }) => {
      if (kind === 'ours') return null;
      const own = found.find(
        (other) =>
          other.kind === 'ours' && other.figure === figure && CLASSES[other.precision].includes(precision),
      );
      if (!own) return null;
      return isLess ? value / own.value : own.value / value;
    };
    const rows = found.map((row) => ({ ...row, unit, isLess, isMet: isMet(row), faster: faster(row) }));
    this.rows.push(...rows);
    const show = (value) => number(value, decimals);
    const columns = {
      '<figure': ({ figure }) => figure,
      '<runner': ({ name, note, remark }) => [name, note, remark].filter(Boolean).join(', '),
      median: ({ value }) => show(value),
      'from - to': ({ values = [] }) =>
        values.length > 1 ? `${show(Math.min(...values))} - ${show(Math.max(...values))}` : '-',
      goal: ({ goal }) => (goal === undefined ? '' : `${isLess ? '<=' : '>='} ${show(goal)}`),
      met: (row) => (row.isMet === null ? '' : row.isMet ? 'yes' : 'NO'),
      'ours is faster': (row) => (row.faster === null ? '' : `${number(row.faster, 2)}x`),
    };
    console.log(`\n${title}, ${unit}\n${table(columns, rows)}`);
  }
}
