// Carries out commands one after another on one stream by Emmett's `CommandHandler` and prints one line of JSON: README.md tells the options, and what is printed.
import { CommandHandler } from "@event-driven-io/emmett";
import { evolve, initialState } from "./account.mjs";
import { openEmmettStore, readBack } from "./emmett-store.mjs";
import { callEach, DATA, nameOf, TYPE } from "./load.mjs";
import { runProgram } from "./run-program.mjs";

const WARM_UP_COMMANDS = 50;
const WRITE_EVENTS = 500;

await runProgram(import.meta.filename, async ({ url, events, seconds, connections, history }) => {
  const { store, pool, close } = await openEmmettStore(url, connections);
  const handle = CommandHandler({ evolve, initialState });
  const stream = nameOf("account", 1);
  for (let start = 0; start < history; start += WRITE_EVENTS) {
    const count = Math.min(WRITE_EVENTS, history - start);
    await store.appendToStream(
      stream,
      Array.from({ length: count }, () => ({ type: TYPE, data: DATA })),
    );
  }
  const deposit = async () => {
    await handle(store, stream, () => ({ type: TYPE, data: { ...DATA, amountCents: 1 } }));
  };
  await callEach({ calls: WARM_UP_COMMANDS, callers: 1, seconds: 3 }, deposit);
  const { state: before } = await store.aggregateStream(stream, { evolve, initialState });
  const { count, ms } = await callEach({ calls: events, callers: 1, seconds }, deposit);
  const { state } = await store.aggregateStream(stream, { evolve, initialState });
  if (state.balanceCents !== before.balanceCents + count || before.balanceCents < history * DATA.amountCents)
    throw new Error(`The account holds ${state.balanceCents} cents after ${count} deposits; before them it held ${before.balanceCents}.`);
  const settings = await readBack(pool);
  await close();
  return { rate: (count * 1_000) / ms, unit: "commands/s", events: count, history, ...settings };
});
