/** What cannot be done as it was asked for: bad usage, or a store that cannot be opened. */
export class UsageError extends Error {}

/** Whoever read the output has stopped reading. */
export class OutputClosed extends Error {
  constructor() {
    super("The output is closed.");
  }
}

/** A store breaks promises. */
export class CasesFailed extends Error {
  constructor(failed: number, all: number) {
    super(`${failed} of ${all} conformance cases failed.`);
  }
}

/** A store is not as it must be. */
export class FindingsMade extends Error {
  constructor(findings: number, location: string) {
    super(`${location} has ${findings} ${findings === 1 ? "finding" : "findings"}.`);
  }
}
