import { version, type ExpectedVersion, type Position, type Version } from "@reactive-domain/core";
import { invalidArgument } from "./refusal.ts";

/** A place in the whole log on the wire. Positions of this server have no parts: both numbers are the same. */
export interface WirePosition {
  readonly commit_position?: string;
  readonly prepare_position?: string;
}

/** A 64-bit number as a place; `undefined` for one that no log will reach, like the largest of all, which stands for the end. */
export function placeOf(value: string | undefined): number | undefined {
  const number = Number(value ?? "0");
  return Number.isSafeInteger(number) ? number : undefined;
}

export function wirePosition(value: Position | number): WirePosition {
  return { commit_position: String(value), prepare_position: String(value) };
}

/** What a client expects of a stream, as one of the alternatives of the wire. */
export interface WireExpectation {
  readonly revision?: string;
  readonly no_stream?: object | null;
  readonly any?: object | null;
  readonly stream_exists?: object | null;
}

/** An expectation in the words of the port. Errors: invalid argument where there is none, or none that a stream can have. */
export function expectedVersionOf({ revision, no_stream, any, stream_exists }: WireExpectation): ExpectedVersion {
  if (isSet(revision)) return versionOf(revision, "The expected revision");
  if (isSet(no_stream)) return "noStream";
  if (isSet(stream_exists)) return "exists";
  if (isSet(any)) return "any";
  throw invalidArgument("The request says nothing about the revision it expects. Say any, no stream, stream exists, or a revision.");
}

/** The numbers that stand for expectations where the wire has no words for them. */
const NUMBERS = { noStream: -1, any: -2, exists: -4 } as const;

/** An expectation as a number. */
export function expectationNumber(expected: ExpectedVersion): number {
  return typeof expected === "number" ? expected : NUMBERS[expected];
}

/** A number as an expectation; any where there is none. Errors: invalid argument for one that stands for nothing. */
export function expectationOfNumber(number: string | undefined): ExpectedVersion {
  const value = Number(number ?? NUMBERS.any);
  if (value === NUMBERS.noStream) return "noStream";
  if (value === NUMBERS.any) return "any";
  return value === NUMBERS.exists ? "exists" : versionOf(number ?? "", "An expected revision that is none of -1, -2 and -4");
}

/** A revision that a stream can have. */
function versionOf(value: string, what: string): Version {
  const place = placeOf(value);
  if (place === undefined || place < 0) throw invalidArgument(`${what} must be an integer from 0 to 2^53 - 1, but is ${value}.`);
  return version(place);
}

function isSet<T>(value: T | null | undefined): value is T {
  return value !== undefined && value !== null;
}
