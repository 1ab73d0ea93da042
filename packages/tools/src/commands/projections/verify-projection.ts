import { onEndingSignal } from "../../ending-signal.ts";
import { AnswerIsNo } from "../../errors.ts";
import { withProjection, type ProjectionsOptions } from "../../open-projections.ts";
import type { Output } from "../../output.ts";
import type { Progress } from "../../progress.ts";
import { BuildLine } from "./build-line.ts";
import { comparisonLines, differencesIn } from "./comparison-lines.ts";
import { keptProjection } from "./kept-projection.ts";
import { runOptionsOf, type HandlingOptions } from "./run-options.ts";

export interface VerifyProjectionOptions extends ProjectionsOptions, HandlingOptions {
  readonly samples?: number;
  readonly json?: boolean;
}

/** Holds what is live of a projection against a fresh fold of the log. Throws {@link AnswerIsNo} when they differ. */
export async function verifyProjection(name: string, options: VerifyProjectionOptions, output: Output, progress: Progress): Promise<void> {
  using ending = onEndingSignal(() => new AnswerIsNo("Stopped. What was folded is forgotten; the projection is as it was."));
  const { samples = 10 } = options;
  const result = await withProjection(name, options, runOptionsOf(options, progress), async (projection, views) => {
    await keptProjection(views, name, options.views);
    using line = new BuildLine(progress);
    return await projection.verify({ samples, signal: ending.signal, onProgress: (now) => line.show(now) });
  });
  const differences = differencesIn(result);
  await output.write(
    options.json === true ? [JSON.stringify({ ...result, differences })] : comparisonLines(result, ["kept", "in a fresh fold"]),
  );
  if (!result.isEqual) throw new AnswerIsNo(`${name} is not what a fresh fold of the log makes: ${differences} rows differ.`);
}
