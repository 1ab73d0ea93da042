import type { Output } from "../src/output.ts";

/** An output that keeps its lines. */
export interface CollectedOutput extends Output {
  readonly lines: readonly string[];
}

export function collectOutput(): CollectedOutput {
  const lines: string[] = [];
  return {
    lines,
    async write(more) {
      lines.push(...more);
    },
  };
}
