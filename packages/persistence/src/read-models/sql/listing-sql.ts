import type { FieldType, ListingPlan, ListingRules, OrderStep, Scalar } from "@reactive-domain/messaging";
import { filterSql } from "./filter-sql.ts";
import { joined } from "./joined.ts";
import { SqlValues, type BoundSql, type SqlDialect } from "./sql-dialect.ts";

/** Where the items of a listing are. */
export interface ListingTable {
  /** As SQL names it. */
  readonly table: string;
  /** What is read of a row. */
  readonly columns: string;
  readonly rules: ListingRules;
  readonly dialect: SqlDialect;
}

/** The statement that finds the items of a plan, and one more where there are more. What is read comes first in its rows. */
export function listingSql(plan: ListingPlan, place: ListingTable): BoundSql {
  const values = new SqlValues(place.dialect);
  const binding = { ...place, values };
  const { order, after } = plan;
  const [first] = order;
  if (first !== undefined && isNothingLast(first, place) && (after?.[0] ?? null) !== null)
    return { text: inTwoPartsSql(plan, first, binding), values: values.values };
  const behind = (): readonly string[] => (after === undefined ? [] : [afterSql(order, after, binding)]);
  return { text: partSql(plan, binding, { columns: place.columns, behind }), values: values.values };
}

/**
 * In descending order what holds nothing comes behind all others. Asked in one condition, by OR, no index could be entered at the place where a page begins; so the two are
 * asked apart, each for as many as a page takes.
 */
function inTwoPartsSql(plan: ListingPlan, first: OrderStep, binding: Binding): string {
  const { dialect } = binding;
  const columns = `${binding.columns}, ${plan.order.map(({ by }) => dialect.column(by)).join(", ")}`;
  const held = partSql(plan, binding, {
    columns: `${columns}, 0 AS _part`,
    behind: () => [afterSql(plan.order, plan.after ?? [], { ...binding, onlyHeld: true })],
  });
  const nothing = partSql(plan, binding, { columns: `${columns}, 1 AS _part`, behind: () => [`${dialect.column(first.by)} IS NULL`] });
  return (
    `SELECT ${binding.columns} FROM (SELECT * FROM (${held}) AS _held UNION ALL SELECT * FROM (${nothing}) AS _rest) AS _parts ` +
    `ORDER BY _part, ${orderSql(plan, binding)} LIMIT ${binding.values.bind(plan.size + 1, "bigint")}`
  );
}

interface Part {
  readonly columns: string;
  /** What beside the filter. */
  readonly behind: () => readonly string[];
}

function partSql(plan: ListingPlan, binding: Binding, { columns, behind }: Part): string {
  const { table, values } = binding;
  const conditions = joined([filterOf(plan, binding, values), ...behind()], "AND");
  return (
    `SELECT ${columns} FROM ${table} WHERE ${conditions} ORDER BY ${orderSql(plan, binding)} ` +
    `LIMIT ${values.bind(plan.size + 1, "bigint")} OFFSET ${values.bind(plan.offset, "bigint")}`
  );
}

function orderSql({ order }: ListingPlan, { dialect, rules }: ListingTable): string {
  return order.map(({ by, direction }) => dialect.order(dialect.column(by), { direction, isKey: rules.key.includes(by) })).join(", ");
}

/** The statement that counts all that a plan's filter finds. */
export function countSql(plan: ListingPlan, place: ListingTable): BoundSql {
  const values = new SqlValues(place.dialect);
  return { text: `SELECT count(*) FROM ${place.table} WHERE ${filterOf(plan, place, values)}`, values: values.values };
}

function filterOf(plan: ListingPlan, { dialect, rules }: ListingTable, values: SqlValues): string {
  return filterSql(plan.filter, { dialect, fields: rules.fields, values });
}

interface Binding extends ListingTable {
  readonly values: SqlValues;
  /** Whether what holds nothing in the first field is not asked for. */
  readonly onlyHeld?: boolean;
}

/** What lies behind a place in an order: by the first field, or equal in it and by the second, and so on. */
function afterSql(order: readonly OrderStep[], after: readonly (Scalar | null)[], binding: Binding): string {
  const [step, ...steps] = order;
  const [value, ...others] = after;
  if (step === undefined) return "FALSE";
  const { by, direction } = step;
  const column = binding.dialect.column(by);
  const bound = (): string => binding.values.bind(value as Scalar, binding.rules.fields[by] as FieldType);
  const isNothing = value === null || value === undefined;
  // Not only for its first half: an index is entered at it.
  const begin = isNothing || hasNothingBehind(step, binding) ? [] : [`${column} ${direction === "desc" ? "<=" : ">="} ${bound()}`];
  const behind = behindSql(step, isNothing ? undefined : bound, binding);
  if (steps.length === 0) return joined([...begin, behind], "AND");
  const same = isNothing ? `${column} IS NULL` : `${column} = ${bound()}`;
  return joined([...begin, `(${behind} OR (${same} AND ${afterSql(steps, others, { ...binding, onlyHeld: false })}))`], "AND");
}

/** What comes behind a value by one field. */
function behindSql(step: OrderStep, bound: (() => string) | undefined, binding: Binding): string {
  const column = binding.dialect.column(step.by);
  if (bound === undefined) return step.direction === "desc" ? "FALSE" : `${column} IS NOT NULL`;
  if (step.direction === "asc") return `${column} > ${bound()}`;
  const less = `${column} < ${bound()}`;
  return hasNothingBehind(step, binding) ? `(${less} OR ${column} IS NULL)` : less;
}

function hasNothingBehind(step: OrderStep, binding: Binding): boolean {
  return binding.onlyHeld !== true && isNothingLast(step, binding);
}

/** In descending order, and the key is never nothing. */
function isNothingLast({ by, direction }: OrderStep, { rules }: ListingTable): boolean {
  return direction === "desc" && !rules.key.includes(by);
}
