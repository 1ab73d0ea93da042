import type { Layout } from "./layout.ts";
import type { Names } from "./names.ts";

/**
 * The log and its events.
 *
 * A stream needs no row: its version is that of its last event. `streams` has those that were deleted, spoken of or scavenged. `events.content_type` is null for
 * JSON, the usual case; `events.data` holds text as it was written, `events.bytes` what came as bytes. Times are milliseconds since 1970.
 *
 * Where events are partitioned, no index can hold a version to be there once, because no position is in it; the lock of the log does. `log.partitions_end` is the first
 * position that has no partition yet. No event has more bytes than `log.max_event_bytes`, which is a power of 2: pages that cannot be too large are not measured.
 */
export function log({ of, index }: Names, { partitionSize }: Layout): string {
  const isPartitioned = partitionSize !== undefined;
  return `
CREATE TABLE ${of("log")} (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  epoch text NOT NULL,
  head_position bigint NOT NULL DEFAULT -1,
  head_time bigint NOT NULL DEFAULT 0,
  copy text,
  partition_size bigint,
  partitions_end bigint,
  max_event_bytes bigint NOT NULL DEFAULT 1024
);

CREATE TABLE ${of("events")} (
  position bigint PRIMARY KEY,
  version bigint NOT NULL,
  time bigint NOT NULL,
  schema_version bigint NOT NULL,
  id uuid NOT NULL,
  stream text COLLATE "C" NOT NULL,
  category text COLLATE "C" NOT NULL,
  type text COLLATE "C" NOT NULL,
  content_type text,
  metadata text NOT NULL,
  data text,
  bytes bytea
)${isPartitioned ? " PARTITION BY RANGE (position)" : ""};
CREATE ${isPartitioned ? "" : "UNIQUE "}INDEX ${index("events_by_stream")} ON ${of("events")} (stream, version);
CREATE INDEX ${index("events_by_id")} ON ${of("events")} (id);
CREATE INDEX ${index("events_by_category")} ON ${of("events")} (category, position);
CREATE INDEX ${index("events_by_type")} ON ${of("events")} (type, position);

CREATE TABLE ${of("streams")} (
  name text COLLATE "C" PRIMARY KEY,
  known_version bigint NOT NULL DEFAULT -1,
  deleted_before bigint NOT NULL DEFAULT 0,
  is_tombstoned boolean NOT NULL DEFAULT false,
  max_count bigint,
  max_age_ms bigint,
  truncate_before bigint,
  metadata text
);
`;
}
