import { currentRuntime, InvalidArgument, textOf } from "@reactive-domain/core";
import { measureLag } from "../listeners/lag.ts";
import type { Listener } from "../listeners/listener.ts";
import { listenersOf } from "../read-models/model-listeners.ts";
import { ReadModelBase } from "../read-models/read-model-base.ts";
import type { SharedFeed } from "../read-models/shared-feed.ts";
import { ask, lookAt, type Asking, type Follower, type Sight } from "./sight.ts";
import type { Reporting, WorkerReport } from "./worker-report.ts";

/** What a health may look at: read models, listeners, shared feeds, and whatever has a `report`, like projections and groups. */
export type HealthSource = ReadModelBase | Listener | SharedFeed | Reporting;

/** Looks at the workers of one source. Errors: those of its `report`; `not-answered`. */
export type Look = (asking: Asking) => Promise<readonly Sight[]>;

/** How to look at a source. Errors: `invalid-argument` for what is none. */
export function lookOf(source: HealthSource): Look {
  // A model may have a method of this name for something else.
  if (source instanceof ReadModelBase) return lookAtModel(source);
  if (hasFunctions(source, ["report"])) return lookAtReporting(source as Reporting);
  if (isListener(source)) return async (asking) => [await lookAt("listener", source.name, source, asking)];
  if (isSharedFeed(source)) return lookAtShared(source);
  throw new InvalidArgument("What a health looks at", "a read model, a listener, a shared feed, or what has a report", source);
}

function lookAtModel(model: ReadModelBase): Look {
  const { name } = model.constructor;
  return async (asking) => {
    const listeners = listenersOf(model);
    if (listeners.length === 0) return [{ ...IDLE, kind: "read-model", name }];
    return Promise.all(listeners.map((listener) => lookAt("read-model", name, listener, asking)));
  };
}

/** How the reading of a shared feed goes: how far each of its models is, that one tells. */
function lookAtShared(shared: SharedFeed): Look {
  const { feed } = shared;
  const { clock } = currentRuntime();
  const follower: Follower = {
    get health() {
      const { readUpTo, error, ...rest } = shared.health;
      const checkpoint = { feed: feed.name, version: null, position: readUpTo };
      const shown = { ...rest, handledUpTo: readUpTo, checkpoint, progressAgeMs: null, busyWith: null, isHeld: false };
      return { ...shown, error: error === undefined ? undefined : asError(error) };
    },
    lag(options) {
      const { checkpoint, handledUpTo } = this.health;
      return measureLag({ feed, checkpoint, handledUpTo }, clock, options);
    },
  };
  return async (asking) => [await lookAt("listener", "shared read", follower, asking)];
}

function lookAtReporting(reporting: Reporting): Look {
  return async (asking) => {
    const reports = await ask(asking, (options) => reporting.report(options));
    if (!Array.isArray(reports) || !reports.every(isReport))
      throw new InvalidArgument("What report gives", "a list of worker reports", reports);
    return reports.map(sightOf);
  };
}

function sightOf(report: WorkerReport): Sight {
  return { ...report, interruptions: null, busyWith: null, problem: undefined };
}

const IDLE: Omit<Sight, "kind" | "name"> = {
  feed: null,
  status: "not-started",
  position: null,
  lag: null,
  progressAgeMs: null,
  parked: 0,
  failing: 0,
  error: undefined,
  interruptions: 0,
  busyWith: null,
  problem: undefined,
};

/** An error as it is, and whatever else was thrown as one. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(textOf(thrown));
}

function isListener(source: HealthSource): source is Listener {
  return hasFunctions(source, ["lag", "caughtUp", "onLive"]);
}

function isSharedFeed(source: HealthSource): source is SharedFeed {
  return hasFunctions(source, ["attach", "start"]) && "feed" in source;
}

function hasFunctions(source: unknown, names: readonly string[]): boolean {
  if (typeof source !== "object" || source === null) return false;
  return names.every((name) => typeof Reflect.get(source, name) === "function");
}

function isReport(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { kind, name, feed, status, position, lag, progressAgeMs, parked, failing } = value as Partial<Record<keyof WorkerReport, unknown>>;
  const texts = [kind, name, status].every((text) => typeof text === "string") && (feed === null || typeof feed === "string");
  const numbers = [parked, failing].every(isNumber) && [position, progressAgeMs].every((number) => number === null || isNumber(number));
  return texts && numbers && (lag === null || isLag(lag));
}

function isLag(lag: unknown): boolean {
  if (typeof lag !== "object" || lag === null) return false;
  const { events, ms } = lag as { readonly events?: unknown; readonly ms?: unknown };
  return isNumber(events) && isNumber(ms);
}

function isNumber(value: unknown): boolean {
  return typeof value === "number" && Number.isFinite(value);
}
