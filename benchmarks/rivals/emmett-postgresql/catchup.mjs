// Has a consumer of Emmett's PostgreSQL event store handle all that there is, and prints one line of JSON: README.md tells the options, and what is printed.
import { reactor } from "@event-driven-io/emmett";
import { openEmmettStore, readBack } from "./emmett-store.mjs";
import { writeHistory } from "./history.mjs";
import { DATA } from "./load.mjs";
import { runProgram } from "./run-program.mjs";

await runProgram(import.meta.filename, async ({ url, events, seconds, connections, consumer: kind, batch }) => {
  const { store, pool, close } = await openEmmettStore(url, connections);
  await writeHistory(pool, events);
  let [handled, cents, lastMs] = [0, 0, 0];
  const startMs = performance.now();
  const processor = {
    processorId: "catch-up",
    eachMessage: ({ data }) => {
      handled++;
      cents += data.amountCents;
      lastMs = performance.now();
    },
    stopAfter: () => handled === events || performance.now() - startMs > seconds * 1_000,
  };
  await consumerOf(store, { kind, batch, processor }).start();
  if (cents !== handled * DATA.amountCents) throw new Error(`The consumer handled ${handled} events with ${cents} cents.`);
  const settings = await readBack(pool);
  await close();
  return { rate: (handled * 1_000) / (lastMs - startMs), events: handled, complete: handled === events, consumer: kind, ...settings };
});

/**
 * @param {import("./emmett-store.mjs").Store} store
 * @param {{ kind: string; batch: number; processor: object }} options
 */
function consumerOf(store, { kind, batch, processor }) {
  const pulling = { batchSize: batch, pullingFrequencyInMs: 0 };
  if (kind === "bare") return store.consumer({ pulling, processors: [reactor(processor)] });
  const consumer = store.consumer(kind === "tuned" ? { pulling } : {});
  consumer.reactor(processor);
  return consumer;
}
