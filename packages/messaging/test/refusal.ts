/** The error that a call throws. */
export function refusalOf(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  throw new Error("The call was expected to be refused.");
}

/** The error that a promise rejects with. */
export function rejectionOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => Promise.reject(new Error("The promise was expected to be rejected.")),
    (error: unknown) => error,
  );
}
