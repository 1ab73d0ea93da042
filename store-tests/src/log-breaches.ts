/** What breaks a law, and what a check finds then. */
export type Breach = readonly [law: string, sql: string, problem: string];

/** What breaks, by plain SQL, laws that stores in SQL have in common, in one that `fillStore` has filled. */
export const LOG_BREACHES: readonly Breach[] = [
  ["one-log", "DELETE FROM log", "The table log has 0 rows, and must have one."],
  [
    "stream-versions",
    "DELETE FROM events WHERE position = 1",
    "Stream account-1 holds 3 events between versions 0 and 3: some are missing.",
  ],
  ["positions", "UPDATE events SET position = -5 WHERE position = 0", "Event -5 has a position below 0."],
  [
    "stream-order",
    "UPDATE events SET version = 100 WHERE position = 1; UPDATE events SET version = 1 WHERE position = 2; UPDATE events SET version = 2 WHERE position = 1",
    "Event 1 of stream account-1 has version 2, but stands before version 1.",
  ],
  ["times", "UPDATE events SET time = 5 WHERE position = 3", "Event 3 of stream account-1 is older than the event before it."],
  ["categories", "UPDATE events SET category = 'order' WHERE position = 5", "Event 5 of stream account-2 is filed under category order."],
  ["event-fields", "UPDATE events SET type = ' ' WHERE position = 5", "Event 5 of stream account-2 has no type."],
  ["event-fields", "UPDATE events SET schema_version = 0 WHERE position = 5", "Event 5 of stream account-2 has schema version 0."],
  ["json", "UPDATE events SET data = '{' WHERE position = 5", "Event 5 of stream account-2 has data that is not JSON."],
  ["snapshots", "UPDATE snapshots SET version = 4", "The snapshot of account-1 is of version 4, but the stream ends at 3."],
  [
    "checkpoints",
    "UPDATE checkpoints SET position = 7",
    "Checkpoint balances is at position 7, but the log ends at position 6. It was moved",
  ],
  ["groups", "UPDATE consumer_groups SET next = 8", "Consumer group mailer goes on at position 8, but the log ends at position 6."],
  [
    "groups",
    "UPDATE group_entries SET position = 50 WHERE position = 1",
    "Consumer group mailer holds event 50, and there is no such event.",
  ],
  ["copies", `UPDATE log SET copy = '{"isLevel":false}'`, "The store is a copy that was not finished: run the copy again, or remove it."],
];
