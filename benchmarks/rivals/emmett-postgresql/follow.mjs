// Has a consumer of Emmett's PostgreSQL event store, at its defaults, follow while others append, and prints one line of JSON: README.md tells the options, and what
// is printed.
import { setTimeout as wait } from "node:timers/promises";
import { appendEach, verifyEvents } from "./appends.mjs";
import { openEmmettStore, readBack } from "./emmett-store.mjs";
import { runProgram } from "./run-program.mjs";

/** Longer than the consumer ever waits between two looks. */
const QUIET_MS = 4_000;

await runProgram(import.meta.filename, async (options) => {
  const { store, pool, close } = await openEmmettStore(options.url, options.connections);
  const seen = new Set();
  let [handled, lastMs] = [0, 0];
  const consumer = store.consumer();
  consumer.reactor({
    processorId: "follow",
    eachMessage: ({ metadata }) => {
      seen.add(metadata.globalPosition);
      handled++;
      lastMs = performance.now();
    },
  });
  const startMs = performance.now();
  const ended = consumer.start();
  const { count } = await appendEach(store, { ...options, category: "account" });
  for (let before = -1; before !== handled; await wait(QUIET_MS)) before = handled;
  await consumer.stop();
  await ended;
  const events = count * options.eventsPerAppend;
  await verifyEvents(pool, "account", events);
  const { rows } = await pool.query("SELECT max(global_position) AS last FROM emt_messages");
  const settings = await readBack(pool);
  await close();
  const missed = { missed: events - seen.size, sawLast: seen.has(rows[0].last), repeated: handled - seen.size };
  return { rate: (handled * 1_000) / (lastMs - startMs), events, callers: options.callers, ...missed, ...settings };
});
