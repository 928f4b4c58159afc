/**
 * Spans of time as a Trace Event file, which chrome://tracing and https://ui.perfetto.dev show: one row per
 * kind of span. The format counts in microseconds.
 */

export interface TraceSpan {
  /** Name of the row it lies on. */
  readonly track: string;
  readonly name: string;
  /** Milliseconds, from any origin that all spans share. */
  readonly start: number;
  readonly milliseconds: number;
  readonly args: Readonly<Record<string, unknown>>;
}

export interface TraceFile {
  readonly traceEvents: readonly object[];
  readonly displayTimeUnit: 'ms';
  readonly otherData: Readonly<Record<string, unknown>>;
}

/** @param facts about the whole trace, such as the adapter */
export function chromeTrace(
  spans: readonly TraceSpan[],
  facts: Readonly<Record<string, unknown>>,
): TraceFile {
  const tracks = [...new Set(spans.map(({ track }) => track))];
  const origin = spans.reduce((least, { start }) => Math.min(least, start), Number.POSITIVE_INFINITY);
  const names = tracks.map((name, i) => ({
    name: 'thread_name',
    ph: 'M',
    pid: 1,
    tid: i + 1,
    args: { name },
  }));
  const events = spans.map(({ track, name, start, milliseconds, args }) => ({
    name,
    cat: track,
    ph: 'X',
    ts: microseconds(start - origin),
    dur: microseconds(milliseconds),
    pid: 1,
    tid: tracks.indexOf(track) + 1,
    args,
  }));
  return { traceEvents: [...names, ...events], displayTimeUnit: 'ms', otherData: facts };
}

/** To the nanosecond; more digits would only be noise. */
const microseconds = (milliseconds: number): number => Math.round(1e6 * milliseconds) / 1e3;
