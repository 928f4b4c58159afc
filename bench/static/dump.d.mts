/** The types of `dump.mjs`. */

export interface DumpedShader {
  readonly candidate: number;
  readonly assembly: string;
  readonly entryPoint: string;
  readonly buffers: string[];
}

export interface Statistics {
  readonly lanes: number;
  readonly registers: number;
  readonly spilled: number;
  readonly waves: number;
  readonly workgroupMemory: number;
  readonly multiplyAdds: number;
  readonly reads: number;
  readonly shuffles: number;
  readonly ratio: number;
}

export function readDump(text: string): DumpedShader[];
export function readStatistics(text: string, chip: string): Statistics;
export function brokenBounds(
  statistics: Pick<Statistics, 'spilled' | 'waves' | 'ratio'> & { readonly kernel?: string },
  chip: string,
): string[];
