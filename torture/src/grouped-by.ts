/** Things by what they share, in the order of the first of each. (`Map.groupBy` comes with Node 21.) */
export function groupedBy<T>(things: Iterable<T>, shared: (thing: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const thing of things) {
    const group = groups.get(shared(thing));
    if (group === undefined) groups.set(shared(thing), [thing]);
    else group.push(thing);
  }
  return groups;
}
