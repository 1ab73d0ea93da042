// Has Emmett rebuild a projection from all that there is, and prints one line of JSON: README.md tells the options, and what is printed.
import { rebuildPostgreSQLProjections } from "@event-driven-io/emmett-postgresql";
import { openEmmettStore, readBack } from "./emmett-store.mjs";
import { keysOf, writeKeyedHistory } from "./keyed-history.mjs";
import { documentsOf, rowsOf } from "./projections.mjs";
import { runProgram } from "./run-program.mjs";

await runProgram(import.meta.filename, async ({ url, events, seconds, connections, consumer: kind, batch }) => {
  const { pool, close } = await openEmmettStore(url, connections);
  await writeKeyedHistory(pool, events);
  let [handled, lastMs] = [0, 0];
  const onEvent = () => {
    handled++;
    lastMs = performance.now();
  };
  const { projection, changes } = kind === "bare" ? rowsOf(onEvent) : documentsOf(onEvent);
  const pulling = kind === "default" ? {} : { pulling: { batchSize: batch, pullingFrequencyInMs: 0 } };
  const startMs = performance.now();
  const stopAfter = () => performance.now() - startMs > seconds * 1_000;
  const consumer = rebuildPostgreSQLProjections({ connectionString: url, projections: [{ projection, stopAfter }], ...pulling });
  await consumer.start();
  const complete = handled === events;
  await verify(pool, changes, { handled, events: complete ? events : undefined });
  const settings = await readBack(pool);
  await consumer.close();
  await close();
  return { rate: (handled * 1_000) / (lastMs - startMs), events: handled, keys: keysOf(events), complete, consumer: kind, ...settings };
});

/**
 * Errors where what is there is not what so many events make; of a rebuild that was stopped, where it is of more events than were handled.
 *
 * @param {import("pg").Pool} pool
 * @param {string} text
 * @param {{ handled: number; events: number | undefined }} wanted
 */
async function verify(pool, text, { handled, events }) {
  const { rows } = await pool.query(text);
  const [{ documents, changes }] = rows;
  const isRight = events === undefined ? changes <= handled : documents === keysOf(events) && changes === events;
  if (!isRight) throw new Error(`${documents} documents have ${changes} changes after ${handled} events.`);
}
