import { AssertionError } from "node:assert/strict";
import { sleep } from "@reactive-domain/core";

/** How long a case waits for a store before it says that nothing comes. Far longer than any store takes. */
const DEADLINE_MS = 5_000;
const PAUSE_MS = 20;

/** What a promise resolves to, or an assertion that says what never came. */
export async function inTime<T>(awaited: Promise<T>, what: string, deadlineMs: number = DEADLINE_MS): Promise<T> {
  const settled = new AbortController();
  const late = sleep(deadlineMs, { signal: settled.signal }).then(() => {
    throw new AssertionError({ message: `${what} did not come within ${deadlineMs} ms.` });
  });
  try {
    return await Promise.race([awaited, late]);
  } finally {
    settled.abort();
  }
}

/** A promise that is awaited later. That it rejects before is told then, and not as an unhandled rejection. */
export function later<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

/** Looks again and again until what is looked for is there; or asserts what never came. */
export async function until(look: () => Promise<boolean>, what: string): Promise<void> {
  for (let waitedMs = 0; waitedMs < DEADLINE_MS; waitedMs += PAUSE_MS) {
    if (await look()) return;
    await sleep(PAUSE_MS);
  }
  throw new AssertionError({ message: `${what} did not come within ${DEADLINE_MS} ms.` });
}
