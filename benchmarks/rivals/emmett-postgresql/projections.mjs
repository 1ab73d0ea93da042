import { SQL } from "@event-driven-io/dumbo";
import { pongoMultiStreamProjection, postgreSQLRawSQLProjection } from "@event-driven-io/emmett-postgresql";
import { TYPE } from "./load.mjs";

/**
 * What is rebuilt, and a statement that counts what is there.
 *
 * @typedef {{ projection: object; changes: string }} Rebuilt
 */

/**
 * A document for each account in a collection of Pongo, by a function of the document and the event, as Emmett's documentation has it.
 *
 * @param {() => void} onEvent
 * @returns {Rebuilt}
 */
export function documentsOf(onEvent) {
  const projection = pongoMultiStreamProjection({
    collectionName: "balances",
    canHandle: [TYPE],
    getDocumentId: ({ data }) => data.accountId,
    initialState: () => ({ balanceCents: 0, changes: 0 }),
    evolve: (document, { data }) => {
      onEvent();
      return { ...document, balanceCents: document.balanceCents + data.amountCents, changes: document.changes + 1 };
    },
  });
  const changes = "SELECT count(*)::int AS documents, coalesce(sum((data ->> 'changes')::int), 0)::int AS changes FROM balances";
  return { projection, changes };
}

/**
 * A row for each account in a table, by one statement for each event: nothing is read.
 *
 * @param {() => void} onEvent
 * @returns {Rebuilt}
 */
export function rowsOf(onEvent) {
  const projection = postgreSQLRawSQLProjection({
    name: "balance_rows",
    canHandle: [TYPE],
    init: () =>
      SQL`CREATE TABLE IF NOT EXISTS balance_rows (account_id TEXT PRIMARY KEY, balance_cents BIGINT NOT NULL, changes INT NOT NULL)`,
    evolve: ({ data }) => {
      onEvent();
      return SQL`INSERT INTO balance_rows AS kept VALUES (${data.accountId}, ${data.amountCents}, 1)
        ON CONFLICT (account_id) DO UPDATE SET balance_cents = kept.balance_cents + excluded.balance_cents, changes = kept.changes + 1`;
    },
  });
  return { projection, changes: "SELECT count(*)::int AS documents, coalesce(sum(changes), 0)::int AS changes FROM balance_rows" };
}
