// Reads streams of ten events from Emmett's PostgreSQL event store and prints one line of JSON: README.md tells the options, and what is printed.
import { openEmmettStore, readBack } from "./emmett-store.mjs";
import { writeHistory } from "./history.mjs";
import { callEach, DATA, nameOf, STREAM_EVENTS } from "./load.mjs";
import { runProgram } from "./run-program.mjs";

const WARM_UP_READS = 1_000;
/** Every next stream lies far from the last. */
const STEP = 7_919;

await runProgram(import.meta.filename, async ({ url, callers, events, seconds, connections, history }) => {
  const { store, pool, close } = await openEmmettStore(url, connections);
  await writeHistory(pool, history);
  const streams = Math.floor(history / STREAM_EVENTS);
  const read = async (index) => {
    const { events: found } = await store.readStream(nameOf("account", (index * STEP) % streams));
    const cents = found.reduce((sum, { data }) => sum + data.amountCents, 0);
    if (cents !== STREAM_EVENTS * DATA.amountCents) throw new Error(`A stream of ${STREAM_EVENTS} events was read as ${found.length}.`);
  };
  await callEach({ calls: WARM_UP_READS, callers, seconds: 3 }, read);
  const { count, ms } = await callEach({ calls: Math.ceil(events / STREAM_EVENTS), callers, seconds }, read);
  const settings = await readBack(pool);
  await close();
  return { rate: (count * 1_000) / ms, unit: "streams/s", events: count * STREAM_EVENTS, history, callers, ...settings };
});
