/** What was asked for cannot be begun: the message is one sentence for the user, the exit status is 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
