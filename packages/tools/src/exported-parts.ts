import type { Exports } from "./import-module.ts";

/** Something that a module exports, and by what name: `commands`, or `app.commands` where it is part of an object. */
export type NamedPart = readonly [name: string, value: unknown];

/** What a module exports, each thing once: by itself, what is the default last, then the parts of objects, but for those that are `whole`. */
export function exportedParts(exported: Exports, isWhole: (value: unknown) => boolean): readonly NamedPart[] {
  const direct: readonly NamedPart[] = Object.entries(exported).toSorted(defaultLast);
  const nested = direct.flatMap(([name, value]) =>
    isWhole(value) ? [] : partsOf(value).map(([part, inner]): NamedPart => [`${name}.${part}`, inner]),
  );
  const seen = new Set<unknown>();
  return [...direct, ...nested].filter(([, value]) => {
    const isNew = !seen.has(value);
    seen.add(value);
    return isNew;
  });
}

/** A property that is computed is passed over: nobody knows what it does. */
function partsOf(value: unknown): readonly NamedPart[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(Object.getOwnPropertyDescriptors(value)).flatMap(([name, property]) =>
    property.enumerable === true && "value" in property ? [[name, property.value as unknown] as const] : [],
  );
}

function defaultLast([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number {
  return Number(one === "default") - Number(other === "default");
}
