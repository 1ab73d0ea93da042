import { fieldValue } from "./field-value.ts";
import type { FieldTypes } from "./listing-rules.ts";
import type { Scalar } from "./listing.ts";
import { compareScalars } from "./scalar-order.ts";

/** Whether an item is one of those that were asked for. */
export type Test = (item: object) => boolean;

type ValueTest = (value: Scalar | null) => boolean;

/** Makes a test of a filter that was checked. */
export function testOf(filter: object, fields: FieldTypes): Test {
  return all(Object.entries(filter).map(([name, part]) => (part === undefined ? ALWAYS : partTest(name, part, fields))));
}

function partTest(name: string, part: unknown, fields: FieldTypes): Test {
  switch (name) {
    case "and":
      return all((part as readonly object[]).map((filter) => testOf(filter, fields)));
    case "or":
      return any((part as readonly object[]).map((filter) => testOf(filter, fields)));
    case "not":
      return not(testOf(part as object, fields));
    default:
      return fieldTest(name, part as object, fields);
  }
}

function fieldTest(field: string, condition: object, fields: FieldTypes): Test {
  const tests = Object.entries(condition).map(([operator, operand]) => (OPERATIONS[operator] as Operation)(operand as never));
  return (item) => {
    const value = fieldValue(item, field, fields);
    return tests.every((test) => test(value));
  };
}

type Operation = (operand: never) => ValueTest;

/** Where there is nothing, nothing is less, more or like. */
const OPERATIONS: Readonly<Record<string, Operation>> = {
  eq: (operand: Scalar | null) => (value) => value === operand,
  ne: (operand: Scalar | null) => (value) => value !== operand,
  in: (operands: readonly (Scalar | null)[]) => {
    const known = new Set(operands);
    return (value) => known.has(value);
  },
  lt: (operand: Scalar) => (value) => value !== null && compareScalars(value, operand) < 0,
  lte: (operand: Scalar) => (value) => value !== null && compareScalars(value, operand) <= 0,
  gt: (operand: Scalar) => (value) => value !== null && compareScalars(value, operand) > 0,
  gte: (operand: Scalar) => (value) => value !== null && compareScalars(value, operand) >= 0,
  contains: (operand: string) => (value) => typeof value === "string" && value.includes(operand),
  startsWith: (operand: string) => (value) => typeof value === "string" && value.startsWith(operand),
};

const ALWAYS: Test = () => true;

function all(tests: readonly Test[]): Test {
  return (item) => tests.every((test) => test(item));
}

function any(tests: readonly Test[]): Test {
  return (item) => tests.some((test) => test(item));
}

function not(test: Test): Test {
  return (item) => !test(item);
}
