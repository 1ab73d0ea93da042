import { AggregateBroken } from "./errors.ts";

/** Sources whose state is unknown. */
const broken = new WeakSet<object>();

/** Notes that a source was left in the middle of a change of its state. */
export function markBroken(source: object): void {
  broken.add(source);
}

export function isBroken(source: object): boolean {
  return broken.has(source);
}

/** Errors: `aggregate-broken`. */
export function refuseBroken(source: object, owner: string): void {
  if (broken.has(source)) throw new AggregateBroken(owner);
}
