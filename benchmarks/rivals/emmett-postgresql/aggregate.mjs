// Loads aggregates of ten events by Emmett's `aggregateStream` and prints one line of JSON: README.md tells the options, and what is printed.
import { evolve, initialState } from "./account.mjs";
import { openEmmettStore, readBack } from "./emmett-store.mjs";
import { writeHistory } from "./history.mjs";
import { callEach, DATA, nameOf, STREAM_EVENTS } from "./load.mjs";
import { runProgram } from "./run-program.mjs";

const WARM_UP_LOADS = 1_000;
/** Every next stream lies far from the last. */
const STEP = 7_919;

await runProgram(import.meta.filename, async ({ url, callers, events, seconds, connections, history }) => {
  const { store, pool, close } = await openEmmettStore(url, connections);
  await writeHistory(pool, history);
  const streams = Math.floor(history / STREAM_EVENTS);
  const load = async (index) => {
    const { state } = await store.aggregateStream(nameOf("account", (index * STEP) % streams), { evolve, initialState });
    if (state.balanceCents !== STREAM_EVENTS * DATA.amountCents) throw new Error(`An account was loaded with ${state.balanceCents} cents.`);
  };
  await callEach({ calls: WARM_UP_LOADS, callers, seconds: 3 }, load);
  const { count, ms } = await callEach({ calls: Math.ceil(events / STREAM_EVENTS), callers, seconds }, load);
  const settings = await readBack(pool);
  await close();
  return { rate: (count * 1_000) / ms, unit: "aggregates/s", events: count * STREAM_EVENTS, history, callers, ...settings };
});
