import { writeSync } from "node:fs";
import { openSqliteStore } from "@reactive-domain/sqlite";
import { newEvent } from "@reactive-domain/store-tests";

/**
 * Appends one event after another, then many at a time, and again after it has opened the store anew. Says on standard output what is acknowledged, by a
 * synchronous write as soon as it knows: `ack <stream> <version> <id>`.
 */
const [path = "", sequential = "0", callers = "0", rounds = "0"] = process.argv.slice(2);
const STDOUT = 1;
const LARGE_BYTES = 12_000;

for (let opening = 0; opening < 2; opening++) {
  await using store = await openSqliteStore(path);
  const append = async (stream: string, padding = 0): Promise<void> => {
    const event = newEvent({ data: JSON.stringify({ padding: "x".repeat(padding) }) });
    const { version } = await store.append(stream, [event], { expectedVersion: "any" });
    writeSync(STDOUT, `ack ${stream} ${version} ${event.id}\n`);
  };
  for (let index = 0; index < Number(sequential); index++) await append("alone-1", index % 10 === 0 ? LARGE_BYTES : 0);
  const caller = async (name: string): Promise<void> => {
    for (let round = 0; round < Number(rounds); round++) await append(name);
  };
  await Promise.all(Array.from({ length: Number(callers) }, (_, index) => caller(`caller-${index}`)));
}
