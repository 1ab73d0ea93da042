import { describe } from "@reactive-domain/core";

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

/** A copy is not what it was copied from. */
export class CopyDiffers extends Error {
  constructor(difference: string) {
    super(
      `The copy is not the same as its source: ${difference}. If the source was scavenged or restored since the copy was begun, copy again into an empty store.`,
    );
  }
}

/** The user has had enough, or the machine is going down. */
export class Stopped extends Error {
  /** @param stays What it has done up to now. */
  constructor(stays: string) {
    super(`Stopped. What was ${stays} stays; run the same command again to go on.`);
  }
}

/** What a command asks about is not so: its output tells how it is. */
export class AnswerIsNo extends Error {}

/** A module could not be imported, since its code threw. */
export class ModuleThrew extends Error {
  constructor(module: string, cause: unknown) {
    super(`${module} threw when it was imported: ${cause instanceof Error ? `${cause.name}: ${cause.message}` : describe(cause)}`, {
      cause,
    });
  }
}
