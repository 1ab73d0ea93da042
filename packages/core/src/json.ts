import { describe } from "./describe.ts";

/** A value that JSON carries unchanged. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;

/** An object that JSON carries unchanged; a property that is `undefined` is left out. */
export interface JsonObject {
  readonly [key: string]: JsonValue | undefined;
}

/** Where and why a value would not survive JSON. */
export interface JsonProblem {
  /** The way to it, like `$.lines[2].price`. */
  readonly path: string;
  readonly reason: string;
}

const MAX_DEPTH = 100;

/**
 * Tells the first part of a value that JSON would change or refuse, or `undefined` where there is none: `undefined` outside a property, `NaN` and
 * infinities, bigints, symbols, functions, cycles (or more than 100 levels), `__proto__` keys, and objects that would come back as something else
 * (dates, maps, class instances). The root itself may be an instance of a class: a message is.
 */
export function findJsonProblem(value: unknown): JsonProblem | undefined {
  return inspect(value, "$", 0);
}

/** The same of a value whose root has to be plain data, too: what is not a message. */
export function findDataProblem(value: unknown): JsonProblem | undefined {
  return inspect(value, "$", 1);
}

function inspect(value: unknown, path: string, depth: number): JsonProblem | undefined {
  switch (typeof value) {
    case "string":
    case "boolean":
      return undefined;
    case "number":
      return Number.isFinite(value) ? undefined : { path, reason: `is ${value}, which JSON turns into null` };
    case "object":
      if (value === null) return undefined;
      if (depth >= MAX_DEPTH) return { path, reason: `lies more than ${MAX_DEPTH} levels deep, or refers to itself` };
      return Array.isArray(value) ? inspectArray(value, path, depth) : inspectObject(value, path, depth);
    default:
      return { path, reason: `is ${value === undefined ? "undefined" : `a ${typeof value}`}, which JSON does not have` };
  }
}

function inspectArray(values: readonly unknown[], path: string, depth: number): JsonProblem | undefined {
  for (let index = 0; index < values.length; index++) {
    const problem = inspect(values[index], `${path}[${index}]`, depth + 1);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function inspectObject(value: object, path: string, depth: number): JsonProblem | undefined {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (depth > 0 && prototype !== Object.prototype && prototype !== null) {
    return { path, reason: `is ${describe(value)}, which comes back from JSON as something else: put plain data there` };
  }
  for (const [key, child] of Object.entries(value)) {
    if (key === "__proto__") return { path, reason: "has a key __proto__, which would change the object it is copied to" };
    if (child === undefined) continue;
    const problem = inspect(child, `${path}.${key}`, depth + 1);
    if (problem !== undefined) return problem;
  }
  return undefined;
}
