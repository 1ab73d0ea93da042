import { writeSync } from "node:fs";
import { createInterface } from "node:readline";
import type { StoreUnavailable } from "@reactive-domain/persistence";
import { openSqliteStore } from "@reactive-domain/sqlite";
import { newEvent } from "@reactive-domain/store-tests";

/**
 * Appends until that fails, waits for a line on standard input, and goes on with the same store. Says on standard output what came of it: `ack <id>`,
 * `refused <JSON>` where it could not be opened, `failed <JSON>`, `again <position>`, `closed`.
 */
const [path = ""] = process.argv.slice(2);
const STDOUT = 1;
const MOST = 2_000;
const AGAIN = 20;

const say = (line: string): void => void writeSync(STDOUT, `${line}\n`);
const goOn = new Promise<void>((resolve) => createInterface({ input: process.stdin }).once("line", () => resolve()));
const store = await openSqliteStore(path).catch(async (error: unknown) => {
  tellFailure("refused", error);
  await goOn;
  return openSqliteStore(path);
});

function tellFailure(what: string, error: unknown): void {
  const { code, retryable, message } = error as StoreUnavailable;
  say(`${what} ${JSON.stringify({ code, retryable, message })}`);
}

async function append(): Promise<number> {
  const event = newEvent({ data: JSON.stringify({ text: "x".repeat(5_000) }) });
  const { position } = await store.append("account-1", [event], { expectedVersion: "any" });
  say(`ack ${event.id}`);
  return position;
}

async function appendUntilFull(): Promise<void> {
  for (let count = 0; count < MOST; count++) await append();
}

await appendUntilFull().catch((error: unknown) => tellFailure("failed", error));
// It can still be read, and what is refused once more does no harm.
await append().catch(() => undefined);
for await (const event of store.read({ stream: "account-1" }, { direction: "backwards", limit: 1 })) say(`read ${event.id}`);
await goOn;
for (let count = 0; count < AGAIN; count++) say(`again ${await append()}`);
await store.close();
say("closed");
process.exit(0);
