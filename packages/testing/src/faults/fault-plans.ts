import type { ClaimedFault, PlannedFault } from "./planned-fault.ts";

/** A fault, and what it is meant for. */
export interface FaultPlan {
  readonly fault: PlannedFault;
}

/** The faults that are planned for one kind of call, the first first. */
export class FaultPlans<P extends FaultPlan> {
  #plans: P[] = [];

  /** How many are still to be met. */
  get planned(): number {
    return this.#plans.reduce((sum, { fault }) => sum + fault.planned, 0);
  }

  add(plan: P): void {
    this.#plans.push(plan);
  }

  /** The fault of a call, by the first plan that is meant for it and not used up; nothing where that has it go well. */
  claim(isMeant: (plan: P) => boolean): { readonly plan: P; readonly claim: ClaimedFault } | undefined {
    const plan = this.#plans.find((one) => one.fault.isOpen && isMeant(one));
    const claim = plan?.fault.claim();
    return plan === undefined || claim === undefined ? undefined : { plan, claim };
  }

  heal(): void {
    for (const { fault } of this.#plans) fault.forget();
    this.#plans = [];
  }
}
