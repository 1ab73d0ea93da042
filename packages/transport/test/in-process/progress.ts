/** How far a promise has come, for tests that look without waiting. */
export interface Progress {
  readonly state: "waiting" | "resolved" | "rejected";
  readonly error: unknown;
}

/** Follows a promise, and takes its rejection on itself. */
export function follow(promise: Promise<unknown>): Progress {
  const progress: { state: Progress["state"]; error: unknown } = { state: "waiting", error: undefined };
  void promise.then(
    () => Object.assign(progress, { state: "resolved" }),
    (error: unknown) => Object.assign(progress, { state: "rejected", error }),
  );
  return progress;
}
