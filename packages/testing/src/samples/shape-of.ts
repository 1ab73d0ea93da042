import type { JsonValue } from "@reactive-domain/core";

/** The fields of a JSON value and the kinds of what they hold, by their ways: `$.lines[].price` is `number`. */
export type Shape = ReadonlyMap<string, string>;

/** The elements of a list have one shape, which is all that any of them has; an empty list tells nothing of its elements. */
export function shapeOf(value: JsonValue | undefined): Shape {
  const kinds = new Map<string, Set<string>>();
  collect(value, "$", kinds);
  return new Map([...kinds].map(([path, found]) => [path, [...found].toSorted().join(" | ")]));
}

/** What differs, in words; `[]` where nothing does. */
export function shapeDifferences(kept: Shape, now: Shape): readonly string[] {
  const paths = [...new Set([...kept.keys(), ...now.keys()])].filter((path) => !isUnknown(kept, path) && !isUnknown(now, path));
  return paths.flatMap((path) => {
    const [was, is] = [kept.get(path), now.get(path)];
    if (was === is) return [];
    if (is === undefined) return [`${path} is gone`];
    return [was === undefined ? `${path} is new` : `${path} was ${was} and is ${is}`];
  });
}

/**
 * How what an older event is read as departs from the shape of today, in words; `[]` where it does not. What is `null` on one side fits any kind; what was read as
 * `undefined` was left out on purpose.
 */
export function upcastDifferences(read: Shape, today: Shape): readonly string[] {
  const paths = [...new Set([...today.keys(), ...read.keys()])].filter((path) => !isHidden(read, path) && !isHidden(today, path));
  return paths.flatMap((path) => {
    const [is, wanted] = [kindsAt(read, path), kindsAt(today, path)];
    if (is === undefined) return [`${path} is missing`];
    if (wanted === undefined) return is.length === 0 ? [] : [`${path} is not there today`];
    const isOther = wanted.length > 0 && is.some((kind) => !wanted.includes(kind));
    return isOther ? [`${path} is ${is.join(" | ")} and not ${wanted.join(" | ")}`] : [];
  });
}

/** The kinds of values at a way, but for those that tell nothing. */
function kindsAt(shape: Shape, path: string): readonly string[] | undefined {
  return shape
    .get(path)
    ?.split(" | ")
    .filter((kind) => kind !== "null" && kind !== "undefined");
}

/** Whether a way leads through what has nothing in it here: an empty list, `null`, or what is not there at all. */
function isHidden(shape: Shape, path: string): boolean {
  if (isUnknown(shape, path)) return true;
  const parent = path.replace(/(?:\[\]|\.[^.]*)$/, "");
  return parent !== path && (kindsAt(shape, parent) ?? []).every((kind) => kind !== "object" && kind !== "array");
}

function collect(value: JsonValue | undefined, path: string, kinds: Map<string, Set<string>>): void {
  const found = kinds.get(path) ?? new Set();
  kinds.set(path, found.add(kindOf(value)));
  if (Array.isArray(value)) for (const element of value as readonly JsonValue[]) collect(element, `${path}[]`, kinds);
  else if (typeof value === "object" && value !== null)
    for (const [key, part] of Object.entries(value)) collect(part, `${path}.${key}`, kinds);
}

function kindOf(value: JsonValue | undefined): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}

/** Whether a way leads through the elements of a list that has none here. */
function isUnknown(shape: Shape, path: string): boolean {
  for (let end = path.indexOf("[]"); end !== -1; end = path.indexOf("[]", end + 2))
    if (shape.get(path.slice(0, end)) === "array" && !shape.has(path.slice(0, end + 2))) return true;
  return false;
}
