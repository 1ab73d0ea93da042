// Appends events to Emmett's PostgreSQL event store and prints one line of JSON: README.md tells the options, and what is printed.
import { appendEach, countAnsweredTooEarly, verifyEvents } from "./appends.mjs";
import { openEmmettStore, readBack } from "./emmett-store.mjs";
import { runProgram } from "./run-program.mjs";

const WARM_UP_APPENDS = 1_024;

await runProgram(import.meta.filename, async (options) => {
  const { callers, eventsPerAppend } = options;
  const { store, pool, close } = await openEmmettStore(options.url, options.connections);
  await appendEach(store, { ...options, category: "warming", events: WARM_UP_APPENDS * eventsPerAppend, seconds: 3 });
  const { count, ms } = await appendEach(store, { ...options, category: "account" });
  const events = count * eventsPerAppend;
  const answeredTooEarly = await countAnsweredTooEarly(store, pool, options);
  const settings = await readBack(pool);
  await verifyEvents(pool, "account", events);
  await close();
  return { rate: (events * 1_000) / ms, events, callers, eventsPerAppend, ...settings, answeredTooEarly };
});
