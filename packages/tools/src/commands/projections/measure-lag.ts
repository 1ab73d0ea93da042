import type { FeedLag } from "@reactive-domain/foundation";
import { AnswerIsNo } from "../../errors.ts";
import { withProjection, type ProjectionsOptions } from "../../open-projections.ts";
import type { Output } from "../../output.ts";
import { keptProjection } from "./kept-projection.ts";
import { ageText } from "./told-projection.ts";

export interface MeasureLagOptions extends ProjectionsOptions {
  readonly maxEvents?: number;
  /** In milliseconds. */
  readonly maxAge?: number;
  readonly json?: boolean;
}

/** Tells how far a projection is behind the log. Throws {@link AnswerIsNo} when that is more than it may be. */
export async function measureLag(name: string, options: MeasureLagOptions, output: Output): Promise<void> {
  const lag = await withProjection(name, options, {}, async (projection, views) => {
    await keptProjection(views, name, options.views);
    return projection.lag();
  });
  const isWithin = isAllowed(lag, options);
  const { events, ms } = lag;
  await output.write([
    options.json === true ? JSON.stringify({ projection: name, events, ms, isWithin }) : `${name} lacks ${ageText(lag)}.`,
  ]);
  if (!isWithin) throw new AnswerIsNo(`${name} is further behind than it may be.`);
}

function isAllowed({ events, ms }: FeedLag, { maxEvents, maxAge }: MeasureLagOptions): boolean {
  return events <= (maxEvents ?? Number.POSITIVE_INFINITY) && ms <= (maxAge ?? Number.POSITIVE_INFINITY);
}
