import type { Names } from "./names.ts";

/**
 * What is kept beside the log. `recent_writes` remembers for a while what groups of writes came to that the log itself does not tell: who lost the connection asks again. A lease stays when it was given back (without an owner), so that its tokens grow. Pages have room for new versions of their rows,
 * which then need no new entries in the indexes.
 */
export function progress({ of }: Names): string {
  return `
CREATE TABLE ${of("snapshots")} (
  name text COLLATE "C" PRIMARY KEY,
  version bigint NOT NULL,
  schema_version bigint NOT NULL,
  hash text NOT NULL,
  content_type text NOT NULL,
  data text,
  bytes bytea,
  time bigint NOT NULL
);

CREATE TABLE ${of("checkpoints")} (
  name text COLLATE "C" PRIMARY KEY,
  position bigint NOT NULL
) WITH (fillfactor = 50);

CREATE TABLE ${of("recent_writes")} (
  id uuid PRIMARY KEY,
  firsts bigint[],
  positions bigint[],
  outcomes text NOT NULL
);

CREATE TABLE ${of("leases")} (
  name text COLLATE "C" PRIMARY KEY,
  owner text,
  fence bigint NOT NULL,
  until bigint NOT NULL
) WITH (fillfactor = 50);
`;
}
