import type { TextRow } from "../database.ts";
import { Column, TextEvent } from "./text-event.ts";

/** Stands between the events of a column. */
const SEPARATOR = "\u001E";
const ESCAPE = "\u001B";
const [SQL_SEPARATOR, SQL_ESCAPE] = ["E'\\x1e'", "E'\\x1b'"];
/** Whatever the separator may be in. */
const FREE_TEXTS = [Column.stream, Column.type, Column.contentType, Column.metadata, Column.data] as const;

/**
 * What selects events as one row: how many there are, and a text for each of their columns, in the order in which they come. A client takes several times as long
 * for each column of each row as the server takes to put them together.
 */
export function packed(escapes: boolean): string {
  const free = (column: string): string =>
    escapes ? `replace(replace(${column}, ${SQL_ESCAPE}, ${SQL_ESCAPE} || 'E'), ${SQL_SEPARATOR}, ${SQL_ESCAPE} || 'S')` : column;
  const all = (text: string): string => `string_agg(${text}, ${SQL_SEPARATOR})`;
  const some = (column: string, text: string): string => `CASE WHEN count(${column}) > 0 THEN ${all(`coalesce(${text}, '')`)} END`;
  return [
    "count(*)",
    all("position::text"),
    all(free("stream")),
    all("version::text"),
    all(free("type")),
    all("schema_version::text"),
    all("time::text"),
    all("id::text"),
    some("content_type", free("content_type")),
    all(free("metadata")),
    all(`coalesce(${free("data")}, '')`),
    // Bytes there are, if none: they begin with a sign.
    some("bytes", "'=' || encode(bytes, 'base64')"),
  ].join(", ");
}

/** A statement whose rows have events packed in them. */
export interface PackedQuery {
  readonly text: (escapes: boolean) => string;
  readonly values: readonly unknown[];
}

/** The rows of a statement, each with the events that are packed in it behind its own columns. */
export async function readPacked(
  { text }: PackedQuery,
  from: number,
  run: (text: string) => Promise<readonly TextRow[]>,
): Promise<readonly (readonly [TextRow, PackedEvents])[]> {
  const rows = (await run(text(false))).map((row) => [row, new PackedEvents(row, from, false)] as const);
  if (rows.every(([, events]) => events.areWhole)) return rows;
  // The separator is in a text of theirs: all is read again, which takes longer.
  return (await run(text(true))).map((row) => [row, new PackedEvents(row, from, true)] as const);
}

/** Events that came as one row. */
export class PackedEvents {
  readonly length: number;
  readonly #row: TextRow;
  readonly #from: number;
  readonly #isEscaped: boolean;
  readonly #columns: (readonly string[] | null | undefined)[] = [];

  constructor(row: TextRow, from: number, isEscaped: boolean) {
    this.length = Number(row[from]);
    this.#row = row;
    this.#from = from + 1;
    this.#isEscaped = isEscaped;
  }

  /** Whether no text was taken for two. */
  get areWhole(): boolean {
    return FREE_TEXTS.every((column) => (this.#column(column)?.length ?? this.length) === this.length);
  }

  /** The length of their data and metadata, in UTF-16 units, or in bytes of base 64. */
  get characters(): number {
    const lengthOf = (column: Column): number => this.#row[this.#from + column]?.length ?? 0;
    return lengthOf(Column.metadata) + lengthOf(Column.data) + lengthOf(Column.bytes);
  }

  /** So many of them, from the first. */
  first(count: number): readonly TextEvent[] {
    return Array.from({ length: count }, (_, index) => this.at(index));
  }

  at(index: number): TextEvent {
    return new PackedEvent(this, index);
  }

  /** What a column of an event has; `bytes` in base 64. */
  text(column: Column, index: number): string | null {
    const text = this.#column(column)?.[index];
    if (text === undefined || text === "") return null;
    if (column === Column.bytes) return text.slice(1);
    return this.#isEscaped ? unescaped(text) : text;
  }

  #column(column: Column): readonly string[] | null {
    let texts = this.#columns[column];
    if (texts === undefined) {
      texts = this.#row[this.#from + column]?.split(SEPARATOR) ?? null;
      this.#columns[column] = texts;
    }
    return texts;
  }
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
