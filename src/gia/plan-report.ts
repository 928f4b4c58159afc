/** A sweep's plan in words and numbers: what is computed per pattern, what is shared, and the arithmetic of both. */

import type { Architecture } from '../nn/architecture.js';
import { forwardMultiplyAdds } from './embedding-sweep.js';
import { multiplyAddsPerPair, type SweepPlan } from './sweep-plan.js';

export interface StageReport {
  readonly stage: string;
  /** Positions first … last computed per pattern; empty where there are none. */
  readonly perPattern: string;
  /** Vectors shared by patterns, and edges among them. */
  readonly shared: number;
  readonly edges: number;
  /** How the columns before are multiplied. */
  readonly products: string;
}

export interface PlanReport {
  readonly patterns: number;
  readonly method: string;
  readonly stages: readonly StageReport[];
  /** Multiply-adds of matrix products per (pattern, background): per pattern, of what is shared, in all, and embedding and predicting each. */
  readonly multiplyAdds: {
    readonly perPattern: number;
    readonly shared: number;
    readonly total: number;
    readonly naive: number;
  };
}

export function describePlan(plan: SweepPlan, architecture: Architecture): PlanReport {
  const { set, method, first, convolutions, pool, multiplyAdds } = plan;
  const span = ({ first: from, count }: { first: number; count: number }): string =>
    count === 0 ? '-' : `${from} - ${from + count - 1}`;
  const stages = [first, ...convolutions].map((stage, i): StageReport => {
    const blocks = i > 0 ? convolutions[i - 1]!.blocks : undefined;
    return {
      stage: i === 0 ? 'first convolution' : `dilation ${convolutions[i - 1]!.dilation}`,
      perPattern: span(stage.run),
      shared: stage.shared,
      edges: stage.edges.rows,
      products: blocks ? `${blocks.products} (${blocks.count} blocks of ${blocks.size})` : '-',
    };
  });
  const windows: StageReport = {
    stage: 'pool and dense layer',
    perPattern: span(pool.windows),
    shared: pool.gathered.rows,
    edges: plan.dense.edges.rows,
    products: `${pool.windows.count} windows`,
  };
  const total = multiplyAddsPerPair(plan);
  return {
    patterns: set.names.length,
    method,
    stages: [...stages, windows],
    multiplyAdds: {
      perPattern: multiplyAdds.perPair,
      shared: total - multiplyAdds.perPair,
      total,
      naive: forwardMultiplyAdds(architecture),
    },
  };
}
