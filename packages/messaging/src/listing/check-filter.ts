import { describe } from "@reactive-domain/core";
import type { Tell } from "./faults.ts";
import { isOfType } from "./field-value.ts";
import type { FieldType, FieldTypes } from "./listing-rules.ts";

/** A filter comes from outside, and becomes one question to a database. */
const MAX_DEPTH = 10;
const MAX_PARTS = 1_000;

const EQUALITY = ["eq", "ne", "in"];
const RANGE = [...EQUALITY, "lt", "lte", "gt", "gte"];
const OPERATORS: Readonly<Record<FieldType, readonly string[]>> = {
  boolean: EQUALITY,
  number: RANGE,
  string: [...RANGE, "contains", "startsWith"],
};

/** Tells what is wrong with data that should be a filter. */
export function checkFilter(filter: unknown, fields: FieldTypes, tell: Tell): void {
  new FilterCheck(fields, tell).check(filter, ["filter"], 1);
}

type Path = readonly PropertyKey[];

class FilterCheck {
  readonly #fields: FieldTypes;
  readonly #tell: Tell;
  /** How many filters and values have been seen. */
  #parts = 0;

  constructor(fields: FieldTypes, tell: Tell) {
    this.#fields = fields;
    this.#tell = tell;
  }

  check(filter: unknown, path: Path, depth: number): void {
    if (!this.#admits(1, path)) return;
    if (depth > MAX_DEPTH) return this.#tell(path, `must not lie more than ${MAX_DEPTH} levels deep`);
    if (typeof filter !== "object" || filter === null || Array.isArray(filter))
      return this.#tell(path, `must be an object, but is ${describe(filter)}`);
    for (const [name, part] of Object.entries(filter)) {
      // Left out, as JSON does it.
      if (part === undefined) continue;
      const place = [...path, name];
      if (name === "not") this.check(part, place, depth + 1);
      else if (name === "and" || name === "or") this.#group(part, place, depth);
      else this.#field(name, part, place);
    }
  }

  #group(filters: unknown, path: Path, depth: number): void {
    if (!Array.isArray(filters)) return this.#tell(path, `must be a list of filters, but is ${describe(filters)}`);
    for (const [index, filter] of (filters as readonly unknown[]).entries()) {
      if (this.#parts > MAX_PARTS) return;
      this.check(filter, [...path, index], depth + 1);
    }
  }

  #field(name: string, condition: unknown, path: Path): void {
    const type = Object.hasOwn(this.#fields, name) ? this.#fields[name] : undefined;
    if (type === undefined) return this.#tell(path, `is no field to filter by: take one of ${Object.keys(this.#fields).join(", ")}`);
    const operators = OPERATORS[type];
    if (typeof condition !== "object" || condition === null || Array.isArray(condition))
      return this.#tell(path, `must be an object like { ${operators[0]}: … }, but is ${describe(condition)}`);
    const entries = Object.entries(condition);
    // An operand that got lost must not open the list.
    if (entries.length === 0) this.#tell(path, `must have one or more of ${operators.join(", ")}`);
    for (const [operator, operand] of entries) {
      const place = [...path, operator];
      if (!operators.includes(operator)) this.#tell(place, `is nothing to ask of a ${type}: take one of ${operators.join(", ")}`);
      else this.#operand(operator, operand, { type, place });
    }
  }

  #operand(operator: string, operand: unknown, { type, place }: { readonly type: FieldType; readonly place: Path }): void {
    if (operator !== "in") {
      const mayBeNull = operator === "eq" || operator === "ne";
      if (this.#admits(1, place) && !(isOfType(operand, type) || (mayBeNull && operand === null)))
        this.#tell(place, `must be a ${type}${mayBeNull ? " or null" : ""}, but is ${describe(operand)}`);
      return;
    }
    if (!Array.isArray(operand)) return this.#tell(place, `must be a list, but is ${describe(operand)}`);
    if (!this.#admits(operand.length, place)) return;
    for (const [index, value] of (operand as readonly unknown[]).entries())
      if (value !== null && !isOfType(value, type)) this.#tell([...place, index], `must be a ${type} or null, but is ${describe(value)}`);
  }

  /** Whether there may be so many more parts. Said once. */
  #admits(count: number, path: Path): boolean {
    const hadRoom = this.#parts <= MAX_PARTS;
    this.#parts += count;
    if (hadRoom && this.#parts > MAX_PARTS) this.#tell(path, `must not have more than ${MAX_PARTS} conditions and values in all`);
    return this.#parts <= MAX_PARTS;
  }
}
