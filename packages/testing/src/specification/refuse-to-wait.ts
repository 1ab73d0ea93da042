import { InvalidArgument } from "@reactive-domain/core";

/** Refuses a promise: it would be dropped, and what it rejects with be nobody's. Errors: `invalid-argument`. */
export function refuseToWait(answer: unknown, what: string, expected: string): void {
  if (typeof answer !== "object" || answer === null) return;
  const then: unknown = Reflect.get(answer, "then");
  if (typeof then !== "function") return;
  Promise.resolve(answer).catch(() => undefined);
  throw new InvalidArgument(what, expected, "a promise", "Wait for what it needs before, and hand that in.");
}
