import type { ExpectedVersion } from "@reactive-domain/core";

const WORDS = { noStream: -1, any: -2, exists: -3 } as const;

/** An expected version as the functions of the store take it: words are numbers below 0. */
export function expectedNumber(expected: ExpectedVersion): number {
  return typeof expected === "number" ? expected : WORDS[expected];
}
