import { version } from "@reactive-domain/core";
import type { EventBatch } from "@reactive-domain/persistence";
import {
  snapshotToUse,
  type EventPlace,
  type SnapshotPageRequest,
  type StoreView,
  type StreamHead,
} from "@reactive-domain/persistence/adapter";
import type { Database, Statement } from "better-sqlite3";
import { bytesOfId } from "./event-id.ts";
import type { PageReader } from "./page-reader.ts";
import type { ShownStreams } from "./shown-streams.ts";
import type { Snapshots } from "./snapshots.ts";

export interface SnapshotPagesOptions {
  readonly database: Database;
  readonly streams: ShownStreams;
  readonly snapshots: Snapshots;
  readonly pages: PageReader;
}

/** Reads pages that begin behind a snapshot, inside a transaction that its caller holds: all that a page tells belongs to one moment. */
export class SnapshotPages implements StoreView {
  readonly #streams: ShownStreams;
  readonly #snapshots: Snapshots;
  readonly #pages: PageReader;
  readonly #place: Statement<[id: Buffer, stream: string], EventPlace>;

  constructor({ database, streams, snapshots, pages }: SnapshotPagesOptions) {
    this.#streams = streams;
    this.#snapshots = snapshots;
    this.#pages = pages;
    this.#place = database.prepare(
      "SELECT version, position FROM events WHERE id = ? AND stream_id = (SELECT id FROM streams WHERE name = ?)",
    );
  }

  read(request: SnapshotPageRequest): EventBatch {
    const snapshot = snapshotToUse(request, this.#snapshots.get(request.source.stream), this);
    if (snapshot === undefined) return this.#pages.read(request);
    return { ...this.#pages.read({ ...request, from: snapshot.version + 1 }), snapshot };
  }

  head(stream: string): StreamHead {
    const found = this.#streams.find(stream);
    if (found === undefined) return { state: "missing", lastVersion: null };
    return { state: found.state, lastVersion: found.version < 0 ? null : version(found.version) };
  }

  find(stream: string, eventId: string): EventPlace | undefined {
    return this.#place.get(bytesOfId(eventId), stream);
  }
}
