import type { ParkedDelivery, RecordedEvent } from "@reactive-domain/persistence";
import type { Connection } from "../connection/connection.ts";
import { isTombstoned } from "../connection/kurrent-failure.ts";
import { parkedStreamOf, type GroupKey } from "../wire/group-key.ts";
import { readEvents, type WireEntry } from "../wire/read-events.ts";
import { recordedEventOf } from "../wire/recorded-event-of.ts";

/** A parked event, and where the server keeps that it is parked. */
export interface ParkedEvent extends ParkedDelivery {
  /** Its number in the stream of what is parked. */
  readonly number: number;
}

const PAGE = 500;
/** Servers write words of their own in front. */
const REASON = /(?:^|\n)Parked at attempt (\d+): ([\s\S]*)$/;

/** What is told to the server when an event is parked: for people to read, and to be found again. */
export function reasonOf(attempts: number, error: string): string {
  return `Parked at attempt ${attempts}: ${error}`;
}

/** What a server keeps as parked of a group, in the order in which it was parked, from a number on. What is gone from the log is passed over. */
export async function parkedEvents(connection: Connection, key: GroupKey, from: number): Promise<readonly ParkedEvent[]> {
  const parked: ParkedEvent[] = [];
  for (let next: number | undefined = from; next !== undefined;) next = await readPage(connection, key, next, parked);
  return parked;
}

/** Returns where to go on. */
async function readPage(connection: Connection, key: GroupKey, from: number, parked: ParkedEvent[]): Promise<number | undefined> {
  const read = { stream: parkedStreamOf(key), isBackwards: false, from, count: PAGE, resolvesLinks: true };
  try {
    const page = await connection.run(async (client) => {
      const entries: WireEntry[] = [];
      const take = (entry: WireEntry): boolean => entries.push(entry) === PAGE;
      await readEvents(client, read, { timeoutMs: connection.settings.answerTimeoutMs, take });
      return entries;
    });
    parked.push(...page.flatMap(parkedEventOf));
    const last = page.at(-1);
    const lastNumber = (last?.link ?? last?.event)?.getStreamRevision();
    return page.length < PAGE || lastNumber === undefined ? undefined : Number(lastNumber) + 1;
  } catch (error) {
    if (isTombstoned(error)) return undefined;
    throw error;
  }
}

function parkedEventOf({ event: record, link: linkRecord }: WireEntry): ParkedEvent | readonly [] {
  if (record === undefined || linkRecord === undefined) return [];
  const link = recordedEventOf(linkRecord);
  const { attempts, error } = toldIn(link);
  return { number: link.version, event: recordedEventOf(record), attempts, error, parkedAt: link.time };
}

/** What was said when an event was parked; of one that others have parked, all that the server keeps. */
function toldIn({ metadata }: RecordedEvent): { readonly attempts: number; readonly error: string } {
  const { reason } = JSON.parse(metadata) as { readonly reason?: unknown };
  const text = typeof reason === "string" ? reason : "";
  const told = REASON.exec(text);
  return told === null ? { attempts: 1, error: text } : { attempts: Number(told[1]), error: told[2] ?? "" };
}
