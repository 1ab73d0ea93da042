import { isDeepStrictEqual } from "node:util";
import { InvalidArgument } from "@reactive-domain/core";
import type { ReadSource } from "@reactive-domain/persistence";
import { checkOptions } from "../options/check-options.ts";
import { FaultPlans, type FaultPlan } from "./fault-plans.ts";
import { PlannedFault, type ClaimedFault } from "./planned-fault.ts";

/** Which reads or subscriptions fail, and how. */
export interface ReadFault {
  /** Those of this source, as `feed.source` of a feed. Default: those of all. */
  readonly source?: ReadSource;
  /** How many of these fail, one after another; `Infinity` for all. Default 1. */
  readonly times?: number;
  /** How many of these go well before. Default 0. */
  readonly skip?: number;
  /** How many events of it are there before it fails. Default 0. */
  readonly afterEvents?: number;
  /** What they fail with. Default: a retryable `StoreUnavailable`. */
  readonly error?: Error;
}

/** A fault that one read or one subscription is going to meet. */
export interface ComingFault {
  readonly afterEvents: number;
  readonly claim: ClaimedFault;
}

interface ReadPlan extends FaultPlan {
  readonly source: ReadSource | undefined;
  readonly afterEvents: number;
}

/** The faults that are planned for reads, or those for subscriptions. */
export class ReadFaults {
  readonly #plans = new FaultPlans<ReadPlan>();
  readonly #defaultError: () => Error;

  constructor(defaultError: () => Error) {
    this.#defaultError = defaultError;
  }

  get planned(): number {
    return this.#plans.planned;
  }

  /** Errors: `invalid-argument`. */
  plan(options: ReadFault, names: readonly (keyof ReadFault)[]): void {
    checkOptions("A fault", options, names);
    const { source, afterEvents = 0 } = options;
    if (!Number.isSafeInteger(afterEvents) || afterEvents < 0) throw new InvalidArgument("afterEvents", "an integer from 0", afterEvents);
    this.#plans.add({ source: checkSource(source), afterEvents, fault: new PlannedFault(options, this.#defaultError) });
  }

  /** What a read or a subscription that begins now is going to meet. */
  next(source: ReadSource): ComingFault | undefined {
    const coming = this.#plans.claim((plan) => isOf(source, plan.source));
    return coming === undefined ? undefined : { afterEvents: coming.plan.afterEvents, claim: coming.claim };
  }

  heal(): void {
    this.#plans.heal();
  }
}

/** Errors: `invalid-argument`. */
export function checkSource(source: ReadSource | undefined): ReadSource | undefined {
  if (source !== undefined && (typeof source !== "object" || source === null))
    throw new InvalidArgument("source", "the source of a feed, like { stream } or { category }", source);
  return source;
}

/** Whether a source is the one that was meant, where one was. */
export function isOf(source: ReadSource, meant: ReadSource | undefined): boolean {
  return meant === undefined || isDeepStrictEqual(source, meant);
}
