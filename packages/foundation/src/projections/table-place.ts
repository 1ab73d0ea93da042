/** Where the SQL of a projection goes. */
export interface TablePlace<C> {
  readonly connection: C;
  /** The name to use for one of the projection's tables, or for what belongs to it, as SQL writes it. */
  readonly table: (name: string) => string;
}
