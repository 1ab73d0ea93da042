import type { ExpectedVersion, Version } from "@reactive-domain/core";

/** A stream is not as its writer expects, in the sense of KurrentDB. Nothing was written. */
export class RevisionConflict extends Error {
  readonly stream: string;
  readonly expected: ExpectedVersion;
  /** The revision of the last event, also of a stream that is deleted; `null` where there never was one. */
  readonly actual: Version | null;
  readonly isDeleted: boolean;

  constructor(stream: string, expected: ExpectedVersion, { actual, isDeleted }: Pick<RevisionConflict, "actual" | "isDeleted">) {
    super(
      `Stream ${stream} was expected ${inWords(expected)}, but ${actual === null ? "is not there" : `is at ${actual}`}. Nothing was written.`,
    );
    this.name = "RevisionConflict";
    this.stream = stream;
    this.expected = expected;
    this.actual = actual;
    this.isDeleted = isDeleted;
  }
}

function inWords(expected: ExpectedVersion): string {
  if (expected === "any") return "without the events of this append, or with all of them";
  if (expected === "noStream") return "not to exist";
  return expected === "exists" ? "to exist" : `at revision ${expected}`;
}
