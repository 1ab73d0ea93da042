import { withClient } from "@reactive-domain/test-servers";
import { SCRAP } from "./scrap.ts";

/** Removes an event from the middle of the log in a schema. */
export async function plantHole(url: string, schema: string): Promise<void> {
  const { rowCount } = await withClient(url, (client) =>
    // Of a stream that is never removed: holes of others are what a scavenge leaves.
    client.query(
      `DELETE FROM ${schema}.events WHERE position = (SELECT position FROM ${schema}.events e
        WHERE NOT starts_with(stream, $1) AND NOT EXISTS (SELECT 1 FROM ${schema}.streams s WHERE s.name = e.stream)
          AND position >= (SELECT max(position) / 2 FROM ${schema}.events) ORDER BY position LIMIT 1)`,
      [SCRAP],
    ),
  );
  if (rowCount !== 1) throw new Error("No hole could be planted: the log has no event of a stream that stays.");
}
