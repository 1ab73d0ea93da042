import type { TextRow } from "../database.ts";
import { Column, TextEvent } from "./text-event.ts";

/** Stands between packed texts. */
export const SEPARATOR = "\u001E";
const ESCAPE = "\u001B";
export const SQL_SEPARATOR = "E'\\x1e'";
const SQL_ESCAPE = "E'\\x1b'";

/** A text that the separator may be in, as it is packed. */
export function freeText(column: string, escapes: boolean): string {
  if (!escapes) return column;
  return `replace(replace(${column}, ${SQL_ESCAPE}, ${SQL_ESCAPE} || 'E'), ${SQL_SEPARATOR}, ${SQL_ESCAPE} || 'S')`;
}

/** How events come as one row. A client takes several times as long for each column of each row as the server takes to put them together. */
export interface Packing {
  /** What selects events as one row, in the order in which they come: first how many there are. */
  readonly selected: (escapes: boolean) => string;
  /** The events of a row, whose columns begin somewhere in it. */
  readonly unpacked: (row: TextRow, from: number, isEscaped: boolean) => PackedEvents;
}

/** A statement whose rows have events packed in them. */
export interface PackedQuery {
  readonly text: (escapes: boolean) => string;
  readonly values: readonly unknown[];
  readonly packing: Packing;
}

/** The rows of a statement, each with the events that are packed in it behind its own columns. */
export async function readPacked(
  { text, packing }: PackedQuery,
  from: number,
  run: (text: string) => Promise<readonly TextRow[]>,
): Promise<readonly (readonly [TextRow, PackedEvents])[]> {
  const rows = (await run(text(false))).map((row) => [row, packing.unpacked(row, from, false)] as const);
  if (rows.every(([, events]) => events.areWhole)) return rows;
  // The separator is in a text of theirs: all is read again, which takes longer.
  return (await run(text(true))).map((row) => [row, packing.unpacked(row, from, true)] as const);
}

/** Events that came as one row. */
export abstract class PackedEvents {
  readonly length: number;
  readonly #isEscaped: boolean;

  constructor(row: TextRow, from: number, isEscaped: boolean) {
    this.length = Number(row[from]);
    this.#isEscaped = isEscaped;
  }

  /** Whether no text was taken for two. */
  abstract get areWhole(): boolean;

  /** No less than the length of their data and metadata, in UTF-16 units, or in bytes of base 64. */
  abstract get characters(): number;

  /** So many of them, from the first. */
  first(count: number): readonly TextEvent[] {
    return Array.from({ length: count }, (_, index) => this.at(index));
  }

  at(index: number): TextEvent {
    return new PackedEvent(this, index);
  }

  /** What a column of an event has; `bytes` in base 64. */
  text(column: Column, index: number): string | null {
    const text = this.packedText(column, index);
    if (text === undefined || text === "") return null;
    if (column === Column.bytes) return text.slice(1);
    return this.#isEscaped ? unescaped(text) : text;
  }

  protected abstract packedText(column: Column, index: number): string | undefined;
}

class PackedEvent extends TextEvent {
  readonly #events: PackedEvents;
  readonly #index: number;

  constructor(events: PackedEvents, index: number) {
    super();
    this.#events = events;
    this.#index = index;
  }

  protected text(column: Column): string | null {
    return this.#events.text(column, this.#index);
  }
}

function unescaped(text: string): string {
  return text.replaceAll(`${ESCAPE}S`, SEPARATOR).replaceAll(`${ESCAPE}E`, ESCAPE);
}
