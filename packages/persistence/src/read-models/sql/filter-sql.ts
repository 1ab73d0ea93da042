import type { FieldType, FieldTypes, Scalar } from "@reactive-domain/messaging";
import { joined } from "./joined.ts";
import type { SqlDialect, SqlValues } from "./sql-dialect.ts";
import { textBehind } from "./text-behind.ts";

/** What the conditions of a filter are made with. */
interface Making {
  readonly dialect: SqlDialect;
  readonly fields: FieldTypes;
  readonly values: SqlValues;
  /** Under a `not` a condition must be false where a database says that it does not know. Elsewhere both find nothing, and an index serves the bare one. */
  readonly isNegated: boolean;
}

/** The condition of a filter that was checked. */
export function filterSql(filter: object, making: Omit<Making, "isNegated">): string {
  return groupSql(filter, { ...making, isNegated: false });
}

function groupSql(filter: object, making: Making): string {
  return joined(
    Object.entries(filter).flatMap(([name, part]: [string, unknown]) => (part === undefined ? [] : [partSql(name, part, making)])),
    "AND",
  );
}

function partSql(name: string, part: unknown, making: Making): string {
  switch (name) {
    case "and":
    case "or":
      return joined(
        (part as readonly object[]).map((filter) => groupSql(filter, making)),
        name === "and" ? "AND" : "OR",
      );
    case "not":
      return `NOT (${groupSql(part as object, { ...making, isNegated: true })})`;
    default:
      return joined(
        Object.entries(part as object).map(([operator, operand]) => conditionSql(name, operator, { operand, making })),
        "AND",
      );
  }
}

interface Operand {
  readonly operand: unknown;
  readonly making: Making;
}

function conditionSql(field: string, operator: string, { operand, making }: Operand): string {
  const { dialect, isNegated } = making;
  const column = dialect.column(field);
  if (operand === null) return `${column} IS ${operator === "eq" ? "" : "NOT "}NULL`;
  if (operator === "ne") return `${column} ${dialect.isOther} ${bound(field, operand, making)}`;
  const bare =
    operator === "in" ? oneOfSql(field, operand as readonly (Scalar | null)[], making) : bareSql(field, operator, { operand, making });
  return isNegated ? `coalesce(${bare}, FALSE)` : bare;
}

/** What a database does not know of nothing. */
function bareSql(field: string, operator: string, { operand, making }: Operand): string {
  const column = making.dialect.column(field);
  switch (operator) {
    case "contains":
      return making.dialect.contains(column, bound(field, operand, making));
    case "startsWith":
      return startSql(field, operand as string, making);
    default:
      return `${column} ${COMPARISONS[operator] ?? "="} ${bound(field, operand, making)}`;
  }
}

const COMPARISONS: Readonly<Record<string, string>> = { eq: "=", lt: "<", lte: "<=", gt: ">", gte: ">=" };

function oneOfSql(field: string, operands: readonly (Scalar | null)[], making: Making): string {
  const column = making.dialect.column(field);
  const places = operands.filter((operand) => operand !== null).map((operand) => bound(field, operand, making));
  const parts = [
    ...(places.length > 0 ? [`${column} IN (${places.join(", ")})`] : []),
    ...(operands.includes(null) ? [`${column} IS NULL`] : []),
  ];
  return joined(parts, "OR");
}

/** All that lies from a text to before the first one behind those that begin with it: a range, which an index serves. */
function startSql(field: string, start: string, making: Making): string {
  const column = making.dialect.column(field);
  if (start === "") return `${column} IS NOT NULL`;
  const from = `${column} >= ${bound(field, start, making)}`;
  const end = textBehind(start);
  return end === undefined ? from : `(${from} AND ${column} < ${bound(field, end, making)})`;
}

function bound(field: string, operand: unknown, { values, fields }: Making): string {
  return values.bind(operand as Scalar, fields[field] as FieldType);
}
