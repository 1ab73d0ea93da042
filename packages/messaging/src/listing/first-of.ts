/** The first so many of some things in an order, in that order. It sorts only those that may be among them. */
export function firstOf<T>(things: Iterable<T>, count: number, compare: (one: T, other: T) => number): readonly T[] {
  let kept: T[] = [];
  let last: T | undefined;
  for (const thing of things) {
    if (last !== undefined && compare(thing, last) >= 0) continue;
    kept.push(thing);
    if (kept.length < 2 * count) continue;
    kept = kept.toSorted(compare).slice(0, count);
    last = kept.at(-1);
  }
  return kept.toSorted(compare).slice(0, count);
}
