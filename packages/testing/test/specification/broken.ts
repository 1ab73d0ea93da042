import { AssertionError } from "node:assert";

/** The assertion with which something fails. */
export function broken(check: () => unknown): AssertionError {
  try {
    check();
  } catch (error) {
    if (error instanceof AssertionError) return error;
    throw error;
  }
  throw new Error("This was expected to fail, and passed.");
}
