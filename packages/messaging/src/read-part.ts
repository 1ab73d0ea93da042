/** A property of what others have made: where its getter throws there is none. */
export function readPart(value: object, key: string | number): unknown {
  try {
    return (value as Readonly<Record<string | number, unknown>>)[key];
  } catch {
    return undefined;
  }
}
