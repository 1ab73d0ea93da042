import { checkKeys, currentRuntime, InvalidArgument, unlessAborted } from "@reactive-domain/core";
import { alarmsOf, codeOf } from "./alarm.ts";
import type { Health, HealthOptions, HealthReport, WorkerHealth } from "./health.ts";
import { Readiness } from "./readiness.ts";
import type { Asking, Sight } from "./sight.ts";
import { lookOf, type HealthSource } from "./source.ts";
import { Standstill } from "./standstill.ts";
import { wantsRestart } from "./wants-restart.ts";
import { WatchedSource, type Seen } from "./watched-source.ts";

/**
 * Makes one health of all that works on events in a process: read models, listeners, shared feeds, and whatever has a `report`.
 *
 * One stands still when at a look its position is where it was `stalledAfterMs` or longer before, and there were events before it at both looks and all between, and never
 * fewer than at the look before. So it takes two looks at least: have somebody look, like a probe or Prometheus.
 *
 * Errors: `invalid-argument`.
 *
 * @example
 * const health = createHealth([balances, announcements]);
 * const { status, alarms } = await health.report();
 */
export function createHealth(sources: readonly HealthSource[] = [], options: HealthOptions = {}): Health {
  if (!Array.isArray(sources)) throw new InvalidArgument("The sources of a health", "a list", sources);
  checkKeys("options of a health", options, ["stalledAfterMs", "lagTimeoutMs"]);
  const { stalledAfterMs = 30_000, lagTimeoutMs = 800 } = options;
  checkDuration("stalledAfterMs", stalledAfterMs);
  checkDuration("lagTimeoutMs", lagTimeoutMs);
  const health = new WatchingHealth(stalledAfterMs, lagTimeoutMs);
  for (const source of sources) health.add(source);
  return health;
}

/** What is kept of a worker from look to look. */
interface Memory {
  readonly standstill: Standstill;
  readonly readiness: Readiness;
}

class WatchingHealth implements Health {
  readonly #stalledAfterMs: number;
  readonly #asking: Asking;
  readonly #sources = new Map<HealthSource, WatchedSource>();
  #memories: ReadonlyMap<string, Memory> = new Map();
  #looking: Promise<HealthReport> | undefined;

  constructor(stalledAfterMs: number, lagTimeoutMs: number) {
    this.#stalledAfterMs = stalledAfterMs;
    this.#asking = { timeoutMs: lagTimeoutMs, runtime: currentRuntime() };
  }

  add(source: HealthSource): void {
    if (this.#sources.has(source)) throw new InvalidArgument("What is added to a health", "something that is not there yet", source);
    this.#sources.set(source, new WatchedSource(lookOf(source)));
    this.#looking = undefined;
  }

  remove(source: HealthSource): boolean {
    this.#looking = undefined;
    return this.#sources.delete(source);
  }

  async report(options: { readonly signal?: AbortSignal } = {}): Promise<HealthReport> {
    checkKeys("options of a report", options, ["signal"]);
    return unlessAborted(this.#looking ?? this.#begin(), options.signal);
  }

  #begin(): Promise<HealthReport> {
    const looking = this.#look().finally(() => {
      if (this.#looking === looking) this.#looking = undefined;
    });
    this.#looking = looking;
    return looking;
  }

  async #look(): Promise<HealthReport> {
    const seen = await Promise.all([...this.#sources.values()].map((source) => source.look(this.#asking)));
    const sights = namedApart(seen.flatMap(({ sights: of }) => of));
    const nowMs = this.#asking.runtime.clock.monotonicMs();
    const before = this.#memories;
    this.#memories = new Map(sights.map((sight) => [keyOf(sight), before.get(keyOf(sight)) ?? freshMemory()]));
    return this.#judge(seen, sights, nowMs);
  }

  #judge(seen: readonly Seen[], sights: readonly Sight[], nowMs: number): HealthReport {
    const alarms: string[] = [];
    const workers = sights.map((sight): WorkerHealth => {
      const { standstill, readiness } = this.#memories.get(keyOf(sight)) ?? freshMemory();
      const stalledForMs = standstill.see(sight, nowMs);
      const isStalled = stalledForMs >= this.#stalledAfterMs;
      alarms.push(...alarmsOf(sight, isStalled ? stalledForMs : undefined));
      return { ...reportOf(sight), isStalled, isReady: readiness.see(sight) };
    });
    const unknown = seen.map(({ problem }) => problem).filter((problem) => problem !== undefined);
    alarms.push(...unknown.map((problem) => `A worker has never told how it is: ${codeOf(problem)}.`));
    return {
      status: statusOf(alarms, workers),
      workers,
      alarms,
      isLive: !workers.some(wantsRestart),
      isReady: unknown.length === 0 && workers.every(({ isReady }) => isReady),
    };
  }
}

function statusOf(alarms: readonly string[], workers: readonly WorkerHealth[]): HealthReport["status"] {
  if (alarms.length > 0) return "failing";
  return workers.every(isWell) ? "ok" : "degraded";
}

function isWell({ status, parked, failing }: WorkerHealth): boolean {
  return parked === 0 && failing === 0 && (status === "live" || status === "standby" || status === "catching-up" || status === "ended");
}

/** The same sights, of which no two are called the same. */
function namedApart(sights: readonly Sight[]): readonly Sight[] {
  const taken = new Set<string>();
  const times = new Map<string, number>();
  return sights.map((sight) => {
    const key = keyOf(sight);
    let [own, time] = [sight, times.get(key) ?? 1];
    while (taken.has(keyOf(own))) own = { ...sight, name: `${sight.name} (${++time})` };
    taken.add(keyOf(own));
    times.set(key, time);
    return own;
  });
}

function keyOf({ kind, name, feed }: Sight): string {
  return JSON.stringify([kind, name, feed]);
}

function freshMemory(): Memory {
  return { standstill: new Standstill(), readiness: new Readiness() };
}

function reportOf({ busyWith: _busyWith, problem: _problem, ...report }: Sight): Omit<WorkerHealth, "isStalled" | "isReady"> {
  return report;
}

function checkDuration(name: string, value: unknown): void {
  if (typeof value !== "number" || !(value > 0 && Number.isFinite(value)))
    throw new InvalidArgument(name, "a number of milliseconds above 0", value);
}
