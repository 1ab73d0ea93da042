import { jsonEvent, KurrentDBClient, type EventData, type ResolvedEvent } from "@kurrent/kurrentdb-client";
import type { ServerOptions } from "@reactive-domain/kurrentdb-server";
import type { KindOfStore } from "@reactive-domain/store-tests/every-store";
import { onTestFinished } from "vitest";
import { serve } from "../serve.ts";

/** A client within a test, at whose end it is disposed of. It waits for so long, 500 ms by default, before it reads first. */
export function connectTo(url: string): KurrentDBClient {
  const client = KurrentDBClient.connectionString(`${url}&discoveryInterval=5`);
  onTestFinished(() => client.dispose());
  return client;
}

/** A client of an empty store that is served within a test. */
export async function connect(open: KindOfStore["open"], options?: ServerOptions): Promise<KurrentDBClient> {
  return connectTo((await serve(open, options)).url);
}

/** Events that differ in their number alone. */
export function numbered(count: number, type = "counted"): EventData[] {
  return Array.from({ length: count }, (_, number) => jsonEvent({ type, data: { number } }));
}

/** The numbers in the data of numbered events. */
export function numbersOf(entries: readonly ResolvedEvent[]): number[] {
  return entries.map(({ event }) => (event?.data as { number?: number } | undefined)?.number ?? -1);
}

/** With credentials of its own, a call appends without a batch. */
export const waysToAppend = [
  { way: "in a batch", options: {} },
  { way: "without a batch", options: { credentials: { username: "admin", password: "changeit" } } },
] as const;
