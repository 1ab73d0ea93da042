/** Calls functions one after another, each when the one before has settled. */
export async function callAll(handlers: readonly (() => unknown)[]): Promise<void> {
  for (const handler of handlers) await handler();
}
