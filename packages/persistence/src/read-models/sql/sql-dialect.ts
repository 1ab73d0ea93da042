import type { FieldType, Scalar } from "@reactive-domain/messaging";

/** In what the languages of databases differ, where a listing is asked for. */
export interface SqlDialect {
  /** A field's column, quoted. */
  column(field: string): string;
  /** Where the nth value stands, from 1, in a statement; `bigint` for counts. */
  placeholder(nth: number, type: FieldType | "bigint"): string;
  /** A value as the driver takes it. */
  value(value: Scalar): unknown;
  /** Whether they are different, where nothing is a value, too: `IS DISTINCT FROM`. */
  readonly isOther: string;
  /** Whether a text has another one in it, case counting. */
  contains(column: string, part: string): string;
  /** Ascending with nothing first, or descending with nothing last; a column of the key always holds something. */
  order(column: string, step: { readonly direction: "asc" | "desc"; readonly isKey: boolean }): string;
}

/** Text of SQL, with what is to be bound to it. */
export interface BoundSql {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** The values of a statement, in the order of their places in its text: what is written further on is bound later. */
export class SqlValues {
  readonly values: unknown[] = [];
  readonly #dialect: SqlDialect;

  constructor(dialect: SqlDialect) {
    this.#dialect = dialect;
  }

  /** The place of a value. */
  bind(value: Scalar, type: FieldType | "bigint"): string {
    this.values.push(this.#dialect.value(value));
    return this.#dialect.placeholder(this.values.length, type);
  }
}
