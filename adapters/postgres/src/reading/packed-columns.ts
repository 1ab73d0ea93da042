import type { TextRow } from "../database.ts";
import { freeText, PackedEvents, SEPARATOR, SQL_SEPARATOR, type Packing } from "./packed-events.ts";
import { Column } from "./text-event.ts";

/** Whatever the separator may be in. */
const FREE_TEXTS = [Column.stream, Column.type, Column.contentType, Column.metadata, Column.data] as const;

/** A text for each of the events' columns: of what nobody asks for, nothing is taken apart. */
export const IN_COLUMNS: Packing = {
  selected: (escapes) => {
    const free = (column: string): string => freeText(column, escapes);
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
  },
  unpacked: (row, from, isEscaped) => new EventsInColumns(row, from, isEscaped),
};

class EventsInColumns extends PackedEvents {
  readonly #row: TextRow;
  readonly #from: number;
  readonly #columns: (readonly string[] | null | undefined)[] = [];

  constructor(row: TextRow, from: number, isEscaped: boolean) {
    super(row, from, isEscaped);
    this.#row = row;
    this.#from = from + 1;
  }

  get areWhole(): boolean {
    return FREE_TEXTS.every((column) => (this.#column(column)?.length ?? this.length) === this.length);
  }

  get characters(): number {
    const lengthOf = (column: Column): number => this.#row[this.#from + column]?.length ?? 0;
    return lengthOf(Column.metadata) + lengthOf(Column.data) + lengthOf(Column.bytes);
  }

  protected packedText(column: Column, index: number): string | undefined {
    return this.#column(column)?.[index];
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
