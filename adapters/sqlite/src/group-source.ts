import type { Position } from "@reactive-domain/core";
import type { CompleteGroupDefinition } from "@reactive-domain/persistence/adapter";
import type { Database } from "better-sqlite3";
import { idOfBytes } from "./event-id.ts";
import type { GroupEntry, StoredGroup } from "./group-entry.ts";
import { PageStatements } from "./page-statements.ts";
import type { ShownStreams } from "./shown-streams.ts";

/** What of an event a group has to know. */
export type SourceRow = [position: Position, streamId: number, id: Uint8Array, metadata: string];

/** What of a group's source comes next in the log. */
export interface Taken {
  readonly entries: readonly Pick<GroupEntry, "position" | "key">[];
  /** The first position that was not looked at. */
  readonly next: number;
}

/** How many events of the log a claim looks at in vain. */
export const MAX_LOOKS = 10_000;
/** The columns of {@link SourceRow}. */
export const SOURCE_COLUMNS = "position, stream_id, id, metadata";

/** Takes events from the log for groups. */
export class GroupSource {
  readonly #statements: PageStatements<SourceRow>;
  readonly #streams: ShownStreams;

  constructor(database: Database, streams: ShownStreams) {
    this.#statements = new PageStatements(database, SOURCE_COLUMNS);
    this.#streams = streams;
  }

  /** At most `limit` events; fewer where the log ends, or where {@link MAX_LOOKS} were looked at. `end` is the first position that is not written yet. */
  take({ definition, next }: StoredGroup, limit: number, end: number): Taken {
    const { source, filter } = definition;
    const looks = filter === undefined ? Number.POSITIVE_INFINITY : MAX_LOOKS;
    if ("stream" in source) return this.#takeFrom(source.stream, definition, { next, limit, end, looks });
    const high = Math.min(end - 1, next + looks - 1);
    const rows = this.#statements.select({ ...definition, direction: "forwards" }, { low: next, high }, limit);
    return takenOf(rows, definition, rows.length === limit ? undefined : high + 1);
  }

  #takeFrom(
    stream: string,
    definition: CompleteGroupDefinition,
    { next, limit, end, looks }: { next: number; limit: number; end: number; looks: number },
  ): Taken {
    const found = this.#streams.find(stream);
    if (found === undefined) return { entries: [], next: end };
    const low = this.#streams.firstAt(found, next);
    const high = Math.min(found.version, low + looks - 1);
    const rows = this.#statements.select({ ...definition, direction: "forwards" }, { low, high }, limit, found.id);
    return takenOf(rows, definition, rows.length === limit ? undefined : (this.#streams.positionFrom(found.id, high + 1) ?? end));
  }
}

function takenOf(rows: readonly SourceRow[], definition: CompleteGroupDefinition, end: number | undefined): Taken {
  const entries = rows.map((row) => ({ position: row[0], key: keyOf(row, definition) }));
  return { entries, next: end ?? (rows.at(-1)?.[0] ?? -1) + 1 };
}

/** By what the entry of an event keeps its order; null where it has none. */
export function keyOf([, streamId, id, metadata]: SourceRow, { orderBy }: CompleteGroupDefinition): string | null {
  if (orderBy === "none") return null;
  return orderBy === "stream" ? String(streamId) : (correlationOf(metadata) ?? idOfBytes(id));
}

/** Metadata is kept verbatim: it need not be JSON. */
function correlationOf(metadata: string): string | undefined {
  try {
    const { correlationId } = JSON.parse(metadata) as { readonly correlationId?: unknown };
    return typeof correlationId === "string" ? correlationId : undefined;
  } catch {
    return undefined;
  }
}
