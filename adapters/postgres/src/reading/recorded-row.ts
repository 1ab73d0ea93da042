import type { TextRow } from "../database.ts";
import { TextEvent, type Column } from "./text-event.ts";

/** An event that is a row. */
export class RecordedRow extends TextEvent {
  readonly #row: TextRow;
  /** Where the event's columns begin. */
  readonly #from: number;

  constructor(row: TextRow, from: number) {
    super();
    this.#row = row;
    this.#from = from;
  }

  protected text(column: Column): string | null {
    return this.#row[this.#from + column] ?? null;
  }
}
