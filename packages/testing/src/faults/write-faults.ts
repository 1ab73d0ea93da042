import { InvalidArgument } from "@reactive-domain/core";
import { StoreUnavailable, type WriteItem } from "@reactive-domain/persistence";
import { checkOptions } from "../options/check-options.ts";
import { FaultPlans, type FaultPlan } from "./fault-plans.ts";
import { PlannedFault, type ClaimedFault } from "./planned-fault.ts";

/** Which writes fail, and how. */
export interface WriteFault {
  /** Writes with an append for this stream, or another item that names it. Default: all writes, also those of snapshots and checkpoints. */
  readonly stream?: string;
  /** How many of these fail, one after another; `Infinity` for all. Default 1. */
  readonly times?: number;
  /** How many of these go well before. Default 0. */
  readonly skip?: number;
  /** `before`: nothing is written. `after`: all is written, and the answer is lost. Default `before`. */
  readonly outcome?: "before" | "after";
  /** What they fail with. Default: a retryable `StoreUnavailable`. */
  readonly error?: Error;
}

interface WritePlan extends FaultPlan {
  readonly stream: string | undefined;
  readonly outcome: "before" | "after";
}

/** The faults that are planned for writes. */
export class WriteFaults {
  readonly #plans = new FaultPlans<WritePlan>();
  readonly #onMet: () => void;

  constructor(onMet: () => void) {
    this.#onMet = onMet;
  }

  get planned(): number {
    return this.#plans.planned;
  }

  /** Errors: `invalid-argument`. */
  plan(fault: WriteFault): void {
    this.#plans.add(planOf(fault));
  }

  heal(): void {
    this.#plans.heal();
  }

  async run<T>(items: readonly WriteItem[], write: () => Promise<T>): Promise<T> {
    const coming = this.#plans.claim((plan) => isMeant(plan, items));
    if (coming === undefined) return write();
    const { plan, claim } = coming;
    if (plan.outcome === "after") {
      const answer = await writeFor(claim, write);
      if (!claim.stands) return answer;
    }
    this.#onMet();
    throw claim.meet();
  }
}

/** A write that the store refuses has met no fault: the next one does. */
async function writeFor<T>(claim: ClaimedFault, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    claim.release();
    throw error;
  }
}

function isMeant({ stream }: WritePlan, items: readonly WriteItem[]): boolean {
  return stream === undefined || items.some((item) => "stream" in item && item.stream === stream);
}

function planOf(fault: WriteFault): WritePlan {
  checkOptions("A fault", fault, ["stream", "times", "skip", "outcome", "error"]);
  const { stream, outcome = "before" } = fault;
  if (outcome !== "before" && outcome !== "after") throw new InvalidArgument("outcome", "before or after", outcome);
  if (stream !== undefined && typeof stream !== "string") throw new InvalidArgument("stream", "the name of a stream", stream);
  const what = outcome === "before" ? "nothing was written" : "all was written, and the answer is lost";
  const error = (): Error => new StoreUnavailable("The store", `fails as planned; ${what}`, { retryable: true });
  return { stream, outcome, fault: new PlannedFault(fault, error) };
}
