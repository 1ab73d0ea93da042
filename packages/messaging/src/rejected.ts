/** What a caller gets who must not pay for an async function: a rejection in place of a throw, with what was thrown, whatever that is. */
export async function rejected(thrown: unknown): Promise<never> {
  throw thrown;
}
