import { KurrentDBClient, StreamNotFoundError } from "@kurrent/kurrentdb-client";
import type { ConsumerCrew } from "./consumer-crew.ts";
import { sharedMs } from "./consumer-protocol.ts";
import type { ConsumingLedger } from "./consuming-ledger.ts";

/** Where the messages are that were parked. */
export const PARKED_STREAM = "$persistentsubscription-$all::sorters-parked";

/** Has what is parked given out again, once all consumers have been told that this is what comes. Errors: those of the client. */
export async function replayParked(url: string, crew: ConsumerCrew, ledger: ConsumingLedger): Promise<void> {
  // A client whose first read found no server reads nothing any more (1.3.1): each replay has one of its own.
  const client = KurrentDBClient.connectionString(url);
  const fromMs = sharedMs();
  try {
    const links = await parkedLinks(client);
    const last = links.at(-1);
    if (last === undefined) return;
    crew.addReplayed(links.map(({ target }) => keyOfTarget(target)));
    await client.replayParkedMessagesToAll("sorters", { stopAt: last.revision + 1n });
    ledger.replays++;
  } finally {
    ledger.interruptions.push({ fromMs, toMs: sharedMs() });
    await client.dispose();
  }
}

/** The key of the event that a link leads to. */
export function keyOfTarget(target: string): string {
  const [version = "", ...stream] = target.split("@");
  return `${stream.join("@")}#${version}`;
}

async function parkedLinks(client: KurrentDBClient): Promise<readonly { readonly target: string; readonly revision: bigint }[]> {
  const links: { target: string; revision: bigint }[] = [];
  try {
    for await (const { event } of client.readStream(PARKED_STREAM))
      if (event !== undefined) links.push({ target: Buffer.from(event.data as Uint8Array).toString("utf8"), revision: event.revision });
  } catch (error) {
    if (!(error instanceof StreamNotFoundError)) throw error;
  }
  return links;
}
