/** The values of a statement, in the order of their places in its text. */
export class StatementValues {
  readonly values: unknown[] = [];

  /** The place of a value, with the type that it has there. */
  bind(value: unknown, type: string): string {
    this.values.push(value);
    return `$${this.values.length}::${type}`;
  }
}
