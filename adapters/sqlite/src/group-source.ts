import type { Position } from "@reactive-domain/core";
import type { CompleteGroupDefinition } from "@reactive-domain/persistence/adapter";
import type { Database, Statement } from "better-sqlite3";
import { idOfBytes } from "./event-id.ts";
import type { GroupEntry, StoredGroup } from "./group-entry.ts";
import { pageStatement, type CursorRange } from "./page-statement.ts";
import type { ShownStreams } from "./shown-streams.ts";

type SourceRow = [position: Position, streamId: number, id: Uint8Array, metadata: string];

/** What of a group's source comes next in the log. */
export interface Taken {
  readonly entries: readonly Pick<GroupEntry, "position" | "key">[];
  /** The first position that was not looked at. */
  readonly next: number;
}

/** How many events of the log a claim looks at in vain. */
export const MAX_LOOKS = 10_000;
const COLUMNS = "position, stream_id, id, metadata";

/** Takes events from the log for groups. */
export class GroupSource {
  readonly #database: Database;
  readonly #streams: ShownStreams;
  readonly #statements = new Map<string, Statement<unknown[], SourceRow>>();

  constructor(database: Database, streams: ShownStreams) {
    this.#database = database;
    this.#streams = streams;
  }

  /** At most `limit` events; fewer where the log ends, or where {@link MAX_LOOKS} were looked at. `end` is the first position that is not written yet. */
  take({ definition, next }: StoredGroup, limit: number, end: number): Taken {
    const { source, filter } = definition;
    const looks = filter === undefined ? Number.POSITIVE_INFINITY : MAX_LOOKS;
    if ("stream" in source) return this.#takeFrom(source.stream, definition, { next, limit, end, looks });
    const high = Math.min(end - 1, next + looks - 1);
    const rows = this.#select(definition, { low: next, high }, limit, undefined);
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
    const rows = this.#select(definition, { low, high }, limit, found.id);
    return takenOf(rows, definition, rows.length === limit ? undefined : (this.#streams.positionFrom(found.id, high + 1) ?? end));
  }

  #select({ source, filter }: CompleteGroupDefinition, range: CursorRange, limit: number, streamId: number | undefined): SourceRow[] {
    const request = { source, filter, direction: "forwards", limit } as const;
    const { sql, parameters } = pageStatement(request, range, { streamId, columns: COLUMNS });
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare<unknown[], SourceRow>(sql).raw();
      this.#statements.set(sql, statement);
    }
    return statement.all(parameters);
  }
}

function takenOf(rows: readonly SourceRow[], definition: CompleteGroupDefinition, end: number | undefined): Taken {
  const entries = rows.map((row) => ({ position: row[0], key: keyOf(row, definition) }));
  return { entries, next: end ?? (rows.at(-1)?.[0] ?? -1) + 1 };
}

function keyOf([, streamId, id, metadata]: SourceRow, { orderBy }: CompleteGroupDefinition): string | null {
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
