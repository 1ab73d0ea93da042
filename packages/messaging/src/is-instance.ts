/** `instanceof` for what was thrown, which may be anything, also what cannot be looked at. */
export function isInstance<T>(thrown: unknown, base: abstract new (...args: never) => T): thrown is T {
  try {
    return thrown instanceof base;
  } catch {
    return false;
  }
}
