import { onEndingSignal } from "../../ending-signal.ts";
import { AnswerIsNo } from "../../errors.ts";
import { withProjection, type ProjectionsOptions } from "../../open-projections.ts";
import type { Output } from "../../output.ts";
import { keptProjection } from "./kept-projection.ts";

export interface WaitForProjectionOptions extends ProjectionsOptions {
  /** In milliseconds. */
  readonly timeout?: number;
  readonly json?: boolean;
}

/** Waits until a projection has committed everything that is in the log now, whoever works on it. Errors: `not-caught-up`, {@link AnswerIsNo}. */
export async function waitForProjection(name: string, options: WaitForProjectionOptions, output: Output): Promise<void> {
  using ending = onEndingSignal(() => new AnswerIsNo("Stopped. It was waited for no longer."));
  const { timeout } = options;
  await withProjection(name, options, {}, async (projection, views) => {
    await keptProjection(views, name, options.views);
    await projection.caughtUp({ signal: ending.signal, ...(timeout === undefined ? {} : { timeoutMs: timeout }) });
  });
  await output.write([options.json === true ? JSON.stringify({ projection: name, isCaughtUp: true }) : `${name} has caught up.`]);
}
