import { InvalidArgument } from "@reactive-domain/core";

/** How often a fault comes, and what it fails with. */
export interface FaultCount {
  readonly times?: number | undefined;
  readonly skip?: number | undefined;
  readonly error?: Error | undefined;
}

/** A fault that was planned: how many of it are still to come. */
export class PlannedFault {
  readonly #defaultError: () => Error;
  readonly #error: Error | undefined;
  #left: number;
  #skip: number;
  #claimed = 0;
  #isForgotten = false;

  /** Errors: `invalid-argument`. */
  constructor({ times = 1, skip = 0, error }: FaultCount, defaultError: () => Error) {
    if (times !== Number.POSITIVE_INFINITY && !(Number.isSafeInteger(times) && times >= 1))
      throw new InvalidArgument("times", "an integer from 1, or Infinity", times);
    if (!Number.isSafeInteger(skip) || skip < 0) throw new InvalidArgument("skip", "an integer from 0", skip);
    this.#left = times;
    this.#skip = skip;
    this.#error = checkError(error);
    this.#defaultError = defaultError;
  }

  /** How many have not been met yet. */
  get planned(): number {
    return this.#left + this.#claimed;
  }

  /** Whether there are some for whoever comes next. */
  get isOpen(): boolean {
    return this.#left > 0;
  }

  get isForgotten(): boolean {
    return this.#isForgotten;
  }

  /** The fault of who has come; `undefined` where this one is to go well. */
  claim(): ClaimedFault | undefined {
    if (this.#skip > 0) {
      this.#skip--;
      return undefined;
    }
    this.#left--;
    this.#claimed++;
    return new ClaimedFault(this);
  }

  /** What one claim fails with, which is used up by it. */
  meet(): Error {
    this.#claimed--;
    return this.#error ?? this.#defaultError();
  }

  /** One claim was not met: the next to come has it. */
  release(): void {
    this.#claimed--;
    this.#left++;
  }

  forget(): void {
    this.#isForgotten = true;
    this.#left = 0;
    this.#claimed = 0;
  }
}

/** Errors: `invalid-argument`. */
export function checkError(error: Error | undefined): Error | undefined {
  if (error !== undefined && !(error instanceof Error)) throw new InvalidArgument("error", "an Error", error);
  return error;
}

/** A planned fault that somebody is going to meet. */
export class ClaimedFault {
  readonly #fault: PlannedFault;
  #isSettled = false;

  constructor(fault: PlannedFault) {
    this.#fault = fault;
  }

  /** Whether it is still to be met: it may have been forgotten. */
  get stands(): boolean {
    return !this.#isSettled && !this.#fault.isForgotten;
  }

  meet(): Error {
    this.#isSettled = true;
    return this.#fault.meet();
  }

  /** Where it still stands: it was not met. */
  release(): void {
    if (!this.stands) return;
    this.#isSettled = true;
    this.#fault.release();
  }
}
