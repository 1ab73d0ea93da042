import type { TextRow } from "../database.ts";
import { freeText, PackedEvents, SEPARATOR, SQL_SEPARATOR, type Packing } from "./packed-events.ts";
import { Column } from "./text-event.ts";

/** Whatever the separator may be in. */
const FREE_TEXTS = [Column.stream, Column.type, Column.contentType, Column.metadata, Column.data] as const;
/** In how many pieces a page of the log has what is long. V8 takes twenty times as long for a text of more than 128 KiB, which 1,000 events of usual size have together. */
const LOG_PIECES = 4;

/** A text for each of the events' columns: of what nobody asks for, nothing is taken apart. */
export const IN_COLUMNS: Packing = inColumns(1);

/** The same, with metadata and data in pieces: those of each fourth event together. */
export const IN_PIECES: Packing = inColumns(LOG_PIECES);

/** Numbers events from 0, as what selects them in pieces needs it. */
export function numbered(events: string): string {
  return `SELECT *, row_number() OVER () - 1 AS place FROM (${events}) o`;
}

function inColumns(pieces: number): Packing {
  return {
    selected: (escapes) => {
      const free = (column: string): string => freeText(column, escapes);
      const all = (text: string): string => `string_agg(${text}, ${SQL_SEPARATOR})`;
      const some = (column: string, text: string): string => `CASE WHEN count(${column}) > 0 THEN ${all(`coalesce(${text}, '')`)} END`;
      const inPieces = (text: string): readonly string[] =>
        pieces === 1
          ? [all(text)]
          : Array.from({ length: pieces }, (_, piece) => `${all(text)} FILTER (WHERE place % ${pieces} = ${piece})`);
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
        ...inPieces(free("metadata")),
        ...inPieces(`coalesce(${free("data")}, '')`),
        // Bytes there are, if none: they begin with a sign.
        some("bytes", "'=' || encode(bytes, 'base64')"),
      ].join(", ");
    },
    unpacked: (row, from, isEscaped) => new EventsInColumns({ row, from, isEscaped }, pieces),
  };
}

/** The texts of a column, in pieces. */
type Pieces = readonly (readonly string[])[];

class EventsInColumns extends PackedEvents {
  readonly #row: TextRow;
  readonly #from: number;
  readonly #pieces: number;
  readonly #columns: (Pieces | null | undefined)[] = [];

  constructor({ row, from, isEscaped }: { readonly row: TextRow; readonly from: number; readonly isEscaped: boolean }, pieces: number) {
    super(row, from, isEscaped);
    this.#row = row;
    this.#from = from + 1;
    this.#pieces = pieces;
  }

  get areWhole(): boolean {
    return FREE_TEXTS.every((column) => {
      const pieces = this.#column(column);
      return pieces === null || pieces.reduce((sum, { length }) => sum + length, 0) === this.length;
    });
  }

  get characters(): number {
    return [Column.metadata, Column.data, Column.bytes].flatMap((column) => this.#textsOf(column)).reduce(addLength, 0);
  }

  protected packedText(column: Column, index: number): string | undefined {
    const pieces = this.#column(column);
    if (pieces === null) return undefined;
    return pieces[index % pieces.length]?.[Math.floor(index / pieces.length)];
  }

  /** `null` where no event has anything there. */
  #column(column: Column): Pieces | null {
    let pieces = this.#columns[column];
    if (pieces === undefined) {
      const texts = this.#textsOf(column);
      pieces = texts.every((text) => text === null) ? null : texts.map((text) => text?.split(SEPARATOR) ?? []);
      this.#columns[column] = pieces;
    }
    return pieces;
  }

  #textsOf(column: Column): TextRow {
    const isInPieces = column === Column.metadata || column === Column.data;
    const start = this.#from + column + Math.max(0, column - Column.metadata) * (this.#pieces - 1);
    return this.#row.slice(start, start + (isInPieces ? this.#pieces : 1));
  }
}

function addLength(sum: number, text: string | null): number {
  return sum + (text?.length ?? 0);
}
