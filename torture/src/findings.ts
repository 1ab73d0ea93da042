/** What must not be there. */
export type Column = "lost" | "doubled" | "holes" | "early";

/** What was found wrong, each thing once. */
export class Findings {
  readonly #columns: Readonly<Record<Column, Set<string>>> = { lost: new Set(), doubled: new Set(), holes: new Set(), early: new Set() };
  readonly #faults = new Set<string>();

  add(column: Column, what: string): void {
    this.#columns[column].add(what);
  }

  /** What fits no column, like a child that failed. */
  addFault(what: string): void {
    this.#faults.add(what);
  }

  count(column: Column): number {
    return this.#columns[column].size;
  }

  get isClean(): boolean {
    return this.all.length === 0;
  }

  /** All of it, a line each. */
  get all(): readonly string[] {
    const found = Object.entries(this.#columns).flatMap(([column, things]) => [...things].map((what) => `${column}: ${what}`));
    return [...found, ...[...this.#faults].map((what) => `fault: ${what}`)];
  }
}
