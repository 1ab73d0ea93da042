import { describe } from "@reactive-domain/core";

/** What a caller gets who must not pay for an async function: a rejection in place of a throw. */
export function rejected(thrown: unknown): Promise<never> {
  return Promise.reject(thrown instanceof Error ? thrown : new Error(describe(thrown)));
}
