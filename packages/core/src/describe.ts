/** A value as an error message shows it: short, and never throwing. */
export function describe(value: unknown): string {
  try {
    return shown(value);
  } catch {
    return "a value that cannot be looked at";
  }
}

/** What was thrown, which may be anything, as text; never throwing. */
export function textOf(thrown: unknown): string {
  try {
    if (thrown instanceof Error && typeof thrown.message === "string") return thrown.message;
  } catch {
    // It is described below.
  }
  return describe(thrown);
}

function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}...` : value);
  if (value === null || typeof value !== "object") return typeof value === "function" ? "a function" : String(value);
  if (Array.isArray(value)) return `an array of ${value.length}`;
  const name: unknown = Object.getPrototypeOf(value)?.constructor?.name;
  return typeof name === "string" && name !== "Object" && name !== "" ? `an instance of ${name}` : "an object";
}
