import { EitherSignal, InvalidArgument, yieldToLoop, type Runtime } from "@reactive-domain/core";
import type {
  ClaimOptions,
  ConsumerGroups,
  Delivery,
  DeliveryRef,
  GroupDefinition,
  GroupStatus,
  ParkedDelivery,
  ParkedOptions,
  ReplayOptions,
} from "../consumer-group.ts";
import type { CallOptions } from "../read.ts";
import { answerWithin } from "./answer-within.ts";
import { checkDuration } from "./check-duration.ts";
import { checkGroupDefinition } from "./check-group.ts";
import { checkArgument, checkNameToKeep, checkOptions, checkTextToKeep, MAX_OWNER_CHARACTERS } from "./check-name.ts";
import { checkCount, checkCursor } from "./check-read.ts";
import { CommitSignal } from "./commit-signal.ts";
import type { ClaimRequest, GroupDriver } from "./driver.ts";
import { takeTurn } from "./take-turn.ts";

export interface CheckedGroupsOptions {
  /** The driver's part. Throws where there is none, or the store is closed. */
  readonly driver: () => GroupDriver;
  readonly onCommit: (listener: () => void) => () => void;
  /** Aborts, with an error, when the store closes. */
  readonly closed: AbortSignal;
  readonly runtime: Runtime;
}

const MAX_CLAIM_EVENTS = 1_000;
const DEFAULT_LEASE_MS = 30_000;
const DEFAULT_PARKED_LIMIT = 100;

/** The consumer groups of a port over those of a driver: arguments are checked, and a claim may wait. */
export class CheckedGroups implements ConsumerGroups {
  readonly #options: CheckedGroupsOptions;

  constructor(options: CheckedGroupsOptions) {
    this.#options = options;
  }

  async create(name: string, definition: GroupDefinition, { signal }: CallOptions = {}): Promise<boolean> {
    checkNameToKeep(name, "name");
    const complete = checkGroupDefinition(definition);
    return (await this.#step(signal)).create(name, complete);
  }

  async delete(name: string, { signal }: CallOptions = {}): Promise<boolean> {
    checkArgument(name, "name");
    return (await this.#step(signal)).delete(name);
  }

  async list({ signal }: CallOptions = {}): Promise<readonly GroupStatus[]> {
    return answerWithin((await this.#step(signal)).list(), signal);
  }

  async status(name: string, { signal }: CallOptions = {}): Promise<GroupStatus> {
    checkArgument(name, "name");
    return answerWithin((await this.#step(signal)).status(name), signal);
  }

  async claim(name: string, options: ClaimOptions): Promise<readonly Delivery[]> {
    checkOptions(options);
    const { consumer, maxEvents = 1, leaseMs = DEFAULT_LEASE_MS, waitMs = 0, signal } = options;
    checkArgument(name, "name");
    checkTextToKeep(consumer, "consumer", MAX_OWNER_CHARACTERS);
    checkCount("maxEvents", maxEvents, MAX_CLAIM_EVENTS);
    checkDuration("leaseMs", leaseMs);
    checkCount("waitMs", waitMs, Number.MAX_SAFE_INTEGER, 0);
    return this.#claim(name, { consumer, maxEvents, leaseMs }, { waitMs, signal });
  }

  async extend(name: string, deliveries: readonly DeliveryRef[], options: { readonly leaseMs: number } & CallOptions): Promise<void> {
    checkOptions(options);
    checkArgument(name, "name");
    checkRefs(deliveries);
    checkDuration("leaseMs", options.leaseMs);
    await (await this.#step(options.signal)).extend(name, deliveries, options.leaseMs);
  }

  async parked(name: string, options: ParkedOptions = {}): Promise<readonly ParkedDelivery[]> {
    const { after, limit = DEFAULT_PARKED_LIMIT, signal } = options;
    checkArgument(name, "name");
    if (after !== undefined) checkCursor("after", after);
    checkCount("limit", limit, Number.MAX_SAFE_INTEGER);
    return answerWithin((await this.#step(signal)).parked(name, { after: after ?? null, limit }), signal);
  }

  async replayParked(name: string, options: ReplayOptions = {}): Promise<number> {
    const { positions, error = "", limit = Number.MAX_SAFE_INTEGER, signal } = options;
    checkArgument(name, "name");
    if (positions !== undefined && !Array.isArray(positions)) throw new InvalidArgument("positions", "a list", positions);
    for (const one of positions ?? []) checkCursor("positions", one);
    if (typeof error !== "string") throw new InvalidArgument("error", "text", error);
    checkCount("limit", limit, Number.MAX_SAFE_INTEGER);
    return (await this.#step(signal)).replayParked(name, { positions, error, limit });
  }

  /** Looks through the log in steps, then tries again at every change, and whenever a retry is due or a lease has ended. */
  async #claim(
    name: string,
    request: ClaimRequest,
    wait: { waitMs: number; signal: AbortSignal | undefined },
  ): Promise<readonly Delivery[]> {
    const { runtime, onCommit, closed } = this.#options;
    const deadlineMs = runtime.clock.monotonicMs() + wait.waitMs;
    using either = new EitherSignal(closed, wait.signal);
    using changes = new CommitSignal((listener) => this.#options.driver().onChange?.(name, listener) ?? onCommit(listener));
    for (;;) {
      const seen = changes.count;
      const { deliveries, againInMs } = await (await this.#step(wait.signal)).claim(name, request);
      if (deliveries.length > 0) return deliveries;
      if (againInMs === 0) {
        await yieldToLoop({ runtime });
        continue;
      }
      const leftMs = deadlineMs - runtime.clock.monotonicMs();
      if (leftMs <= 0) return deliveries;
      await changes.after(seen, { runtime, signal: either.signal, timeoutMs: Math.min(leftMs, againInMs ?? leftMs) });
    }
  }

  async #step(signal: AbortSignal | undefined): Promise<GroupDriver> {
    await takeTurn(this.#options.runtime, signal);
    return this.#options.driver();
  }
}

function checkRefs(deliveries: readonly DeliveryRef[]): void {
  if (!Array.isArray(deliveries)) throw new InvalidArgument("deliveries", "a list", deliveries);
  for (const one of deliveries as readonly (Partial<DeliveryRef> | null)[]) {
    checkCursor("deliveries.position", one?.position ?? -1);
    checkCount("deliveries.fence", one?.fence ?? 0, Number.MAX_SAFE_INTEGER);
  }
}
