import type { Position } from "@reactive-domain/core";
import { withViews, type ViewsOptions } from "../../open-views.ts";
import type { Output } from "../../output.ts";
import { keptProjection } from "./kept-projection.ts";

export interface WantedParked {
  readonly position?: readonly number[];
  readonly error?: string;
  readonly limit?: number;
  readonly json?: boolean;
}

export interface ReplayParkedOptions extends ViewsOptions, WantedParked {}

/** Which of the parked events are wanted, as the ports take it. */
export function wantedOf({ position, error, limit }: WantedParked): {
  readonly positions?: readonly Position[];
  readonly error?: string;
  readonly limit?: number;
} {
  return {
    ...(position === undefined ? {} : { positions: position as readonly Position[] }),
    ...(error === undefined ? {} : { error }),
    ...(limit === undefined ? {} : { limit }),
  };
}

/** Has parked events tried again, and tells how many. */
export async function replayParked(name: string, options: ReplayParkedOptions, output: Output): Promise<void> {
  const events = await withViews(options, async (views) => {
    await keptProjection(views, name, options.views);
    return views.projections.replay(name, wantedOf(options));
  });
  await output.write([options.json === true ? JSON.stringify({ projection: name, events }) : replayText(name, events)]);
}

export function replayText(name: string, events: number): string {
  if (events === 0) return `${name}: no such event is parked.`;
  return `${name}: ${events.toLocaleString("en")} ${events === 1 ? "event is" : "events are"} to be tried again, by whoever works on it.`;
}
