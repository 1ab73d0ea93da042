/** Whether something is a promise, of whichever kind. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && typeof (value as { readonly then?: unknown }).then === "function";
}

/** The promise that a handler has answered with. One that is not of the language is read once, here: it may call back twice, or throw. */
export function promiseIn(answer: unknown): Promise<unknown> | undefined {
  if (answer instanceof Promise) return answer;
  return isThenable(answer) ? Promise.resolve(answer) : undefined;
}
