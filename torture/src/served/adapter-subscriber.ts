import { setTimeout as sleep } from "node:timers/promises";
import { openKurrentStore } from "@reactive-domain/kurrentdb";
import { after, type EventStore } from "@reactive-domain/persistence";
import type { Position } from "@reactive-domain/core";
import type { Serving } from "./serving-writer.ts";

const PAUSE_MS = 25;

/** Follows the log by the adapter, as an application would: where its subscription gives up, it goes on behind the last event that it has handled. */
export async function followByAdapter(name: string, url: string, { ledger, ending }: Serving): Promise<void> {
  await using store = await openKurrentStore(url);
  let last: Position | undefined;
  while (!ending.aborted) {
    try {
      for await (const { id, position } of eventsOf(store, last, ending)) {
        ledger.see(name, { id, position });
        last = position;
      }
    } catch {
      await sleep(PAUSE_MS);
    }
  }
}

async function* eventsOf(store: EventStore, last: Position | undefined, signal: AbortSignal) {
  const subscription = store.subscribe({ all: true }, { from: last === undefined ? "start" : after(last), signal });
  for await (const message of subscription) if (message.kind === "events") yield* message.events;
}
