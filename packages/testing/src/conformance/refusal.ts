import assert from "node:assert/strict";
import type { ExpectedVersion } from "@reactive-domain/core";
import { WrongExpectedVersion } from "@reactive-domain/persistence";
import { inTime } from "./deadline.ts";

/** Asserts that a call is refused with an error of one of these codes, and returns the error. */
export async function assertRefused(call: Promise<unknown>, codes: string | readonly string[], what: string): Promise<unknown> {
  const outcome = await inTime(
    call.then(
      () => ({ error: undefined }),
      (error: unknown) => ({ error }),
    ),
    `The answer to ${what}`,
  );
  assert.ok(outcome.error !== undefined, `${what} must be refused with ${String(codes)}, but succeeded.`);
  assertCode(outcome.error, codes, what);
  return outcome.error;
}

/** Asserts that a call throws, or gives a promise that rejects, with an error of one of these codes. */
export function assertRefusedAtCall(call: () => unknown, codes: string | readonly string[], what: string): void {
  try {
    call();
  } catch (error) {
    assertCode(error, codes, what);
    return;
  }
  assert.fail(`${what} must be refused at the call with ${String(codes)}, but was not.`);
}

/** Asserts that a write is refused as a conflict that tells the stream, what was expected and what is. */
export async function assertConflict(
  call: Promise<unknown>,
  facts: { readonly stream: string; readonly expected: ExpectedVersion; readonly actual: number | null },
): Promise<void> {
  const what = `A write to ${facts.stream} with expected version ${facts.expected}`;
  const error = await assertRefused(call, WrongExpectedVersion.code, what);
  assert.ok(error instanceof WrongExpectedVersion, `${what} must be refused with a WrongExpectedVersion.`);
  assert.deepEqual({ stream: error.stream, expected: error.expected, actual: error.actual }, facts);
  assert.equal(error.retryable, true, "A conflict must be retryable.");
}

/** Asserts that an error has one of these codes. */
export function assertCode(error: unknown, codes: string | readonly string[], what: string): void {
  const code = error instanceof Error && "code" in error ? error.code : error;
  const isOne = [codes].flat().includes(String(code));
  assert.ok(isOne, `${what} must be refused with ${String(codes)}, but was refused with ${String(code)}: ${String(error)}`);
}
