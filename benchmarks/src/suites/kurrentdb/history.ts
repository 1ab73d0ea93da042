import { openSqliteStore } from "@reactive-domain/sqlite";
import { newEvents } from "../new-appends.ts";

/** What is in the log of those who read: one stream. */
export const EVENTS = 100_000;
export const STREAM = "account-000001";
const APPEND_EVENTS = 1_000;

export async function writeHistory(file: string): Promise<void> {
  await using store = await openSqliteStore(file);
  for (let written = 0; written < EVENTS; written += APPEND_EVENTS)
    await store.append(STREAM, newEvents(APPEND_EVENTS), { expectedVersion: "any" });
}

/** What the client has done with an event when it hands it out. */
export function parse({ data, metadata }: { readonly data: unknown; readonly metadata: string }): void {
  JSON.parse(data as string);
  JSON.parse(metadata);
}
