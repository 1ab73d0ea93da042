import type { Names } from "./names.ts";

/**
 * Consumer groups, and what each has taken from the log that is not settled.
 *
 * `group_entries.state` is one of `entry-state.ts`. `at` is when a delayed one is due or the lease of a claimed one ends, and 0 otherwise, so that the index by
 * state is in the order of the log or of time. A suspect that is claimed stays marked as one. `in_line` tells that later entries of its key wait for it.
 */
export function consumerGroups({ of, index }: Names): string {
  return `
CREATE SEQUENCE ${of("fences")};

CREATE TABLE ${of("consumer_groups")} (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text COLLATE "C" NOT NULL UNIQUE,
  definition text NOT NULL,
  next bigint NOT NULL
) WITH (fillfactor = 50);

CREATE TABLE ${of("group_entries")} (
  group_id bigint NOT NULL,
  position bigint NOT NULL,
  at bigint NOT NULL,
  due bigint NOT NULL,
  fence bigint,
  parked_at bigint,
  attempts integer NOT NULL,
  state smallint NOT NULL,
  in_line boolean NOT NULL,
  is_suspect boolean NOT NULL,
  is_alone boolean,
  key text COLLATE "C",
  consumer text COLLATE "C",
  error text,
  PRIMARY KEY (group_id, position)
) WITH (fillfactor = 70);
CREATE INDEX ${index("group_entries_by_state")} ON ${of("group_entries")} (group_id, state, at, position);
CREATE INDEX ${index("group_entries_by_consumer")} ON ${of("group_entries")} (group_id, consumer) WHERE consumer IS NOT NULL;
CREATE INDEX ${index("group_entries_in_line")} ON ${of("group_entries")} (group_id, key, position) WHERE in_line;
`;
}
