import type { TextRow } from "../database.ts";
import { freeText, PackedEvents, SEPARATOR, SQL_SEPARATOR, type Packing } from "./packed-events.ts";
import { Column } from "./text-event.ts";

/** How many texts an event has: one for each of its columns, in their order. */
const WIDTH = Object.keys(Column).length;

/** One text for all that the events have, event by event: both sides do less for few events, as most streams have. */
export const IN_ONE: Packing = {
  selected: (escapes) => {
    const free = (column: string): string => freeText(column, escapes);
    const texts = [
      "position",
      free("stream"),
      "version",
      free("type"),
      "schema_version",
      "time",
      "id",
      `coalesce(${free("content_type")}, '')`,
      free("metadata"),
      `coalesce(${free("data")}, '')`,
      // Bytes there are, if none: they begin with a sign.
      "coalesce('=' || encode(bytes, 'base64'), '')",
    ];
    return `count(*), string_agg(concat_ws(${SQL_SEPARATOR}, ${texts.join(", ")}), ${SQL_SEPARATOR})`;
  },
  unpacked: (row, from, isEscaped) => new EventsInOne(row, from, isEscaped),
};

class EventsInOne extends PackedEvents {
  readonly characters: number;
  readonly #texts: readonly string[];

  constructor(row: TextRow, from: number, isEscaped: boolean) {
    super(row, from, isEscaped);
    const text = row[from + 1];
    this.characters = text?.length ?? 0;
    this.#texts = text?.split(SEPARATOR) ?? [];
  }

  get areWhole(): boolean {
    return this.#texts.length === this.length * WIDTH;
  }

  protected packedText(column: Column, index: number): string | undefined {
    return this.#texts[index * WIDTH + column];
  }
}
