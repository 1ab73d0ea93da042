/** What is decided when a store is made. */
export interface Layout {
  /** How many positions a partition of the events has; `undefined` for one table of all. */
  readonly partitionSize: number | undefined;
}
