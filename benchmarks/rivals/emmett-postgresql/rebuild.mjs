// Has Emmett rebuild a Pongo projection of documents from all that there is, and prints one line of JSON: README.md tells the options, and what is printed.
import { pongoMultiStreamProjection, rebuildPostgreSQLProjections } from "@event-driven-io/emmett-postgresql";
import { openEmmettStore, readBack } from "./emmett-store.mjs";
import { keysOf, writeKeyedHistory } from "./keyed-history.mjs";
import { TYPE } from "./load.mjs";
import { runProgram } from "./run-program.mjs";

const COLLECTION = "balances";

await runProgram(import.meta.filename, async ({ url, events, seconds, connections, consumer: kind, batch }) => {
  const { pool, close } = await openEmmettStore(url, connections);
  await writeKeyedHistory(pool, events);
  let [handled, lastMs] = [0, 0];
  const projection = pongoMultiStreamProjection({
    collectionName: COLLECTION,
    canHandle: [TYPE],
    getDocumentId: ({ data }) => data.accountId,
    initialState: () => ({ balanceCents: 0, changes: 0 }),
    evolve: (document, { data }) => {
      handled++;
      lastMs = performance.now();
      return { ...document, balanceCents: document.balanceCents + data.amountCents, changes: document.changes + 1 };
    },
  });
  const pulling = kind === "default" ? {} : { pulling: { batchSize: batch, pullingFrequencyInMs: 0 } };
  const consumer = rebuildPostgreSQLProjections({ connectionString: url, projections: [projection], ...pulling });
  const startMs = performance.now();
  const stopping = setTimeout(() => void consumer.stop(), seconds * 1_000);
  await consumer.start();
  clearTimeout(stopping);
  const complete = handled === events;
  await verify(pool, handled, complete ? events : undefined);
  const settings = await readBack(pool);
  await consumer.close();
  await close();
  return { rate: (handled * 1_000) / (lastMs - startMs), events: handled, keys: keysOf(events), complete, consumer: kind, ...settings };
});

/**
 * Errors where the documents are not those that so many events make; of a rebuild that was stopped, where they are of more events than were handled.
 *
 * @param {import("pg").Pool} pool
 * @param {number} handled
 * @param {number | undefined} events
 */
async function verify(pool, handled, events) {
  const text = `SELECT count(*)::int AS documents, sum((data ->> 'changes')::int)::int AS changes FROM "${COLLECTION}"`;
  const { rows } = await pool.query(text);
  const [{ documents, changes }] = rows;
  const isRight = events === undefined ? changes <= handled : documents === keysOf(events) && changes === events;
  if (!isRight) throw new Error(`${documents} documents have ${changes} changes after ${handled} events.`);
}
