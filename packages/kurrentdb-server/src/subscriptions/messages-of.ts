import type { Delivery, EventStore, RecordedEventFields } from "@reactive-domain/persistence";
import { openAccess } from "../access/access.ts";
import { ANONYMOUS } from "../access/principal.ts";
import type { LogFilter } from "../filters/log-filter.ts";
import { LINKS_AT_ONCE, resolveLinks } from "../links/resolve-links.ts";
import { isLink, linkTarget } from "../links/link-target.ts";
import type { SeenEvent, View } from "../views/view.ts";
import type { ReadEntry } from "../wire/encode-read-event.ts";
import type { Message } from "./message.ts";
import type { ConsumerStrategy, SubscriptionStart } from "./subscription-terms.ts";

/** What makes messages of deliveries. */
export interface MessageMaker {
  readonly store: EventStore;
  readonly view: View;
  readonly filter: LogFilter | undefined;
  readonly start: SubscriptionStart;
  readonly resolvesLinks: boolean;
  readonly strategy: ConsumerStrategy;
}

/** What is to be sent, what of the deliveries is not of the subscription, and what there is no room for. */
export interface MadeMessages {
  readonly messages: readonly Message[];
  /** Of all messages, with what links lead to. */
  readonly bytes: number;
  readonly passed: readonly Delivery[];
  readonly left: readonly Delivery[];
}

interface SeenDelivery {
  readonly delivery: Delivery;
  readonly seen: SeenEvent;
}

/** How large events are is known when they have been claimed, and where links lead when they have been followed: what is made into messages ends here. */
const MAX_BYTES = 8 * 1024 * 1024;

/** Errors: those of the filter and of the store. */
export async function messagesOf(maker: MessageMaker, deliveries: readonly Delivery[], signal: AbortSignal): Promise<MadeMessages> {
  const passed: Delivery[] = [];
  const shown: SeenDelivery[] = [];
  for (const delivery of deliveries) {
    const seen = maker.view.show(delivery.event);
    if (seen === undefined || isEarly(maker, seen)) passed.push(delivery);
    else shown.push({ delivery, seen });
  }
  const accepted = maker.filter?.accepts(shown.map(({ seen }) => seen.event));
  const wanted = shown.filter((_one, index) => accepted?.[index] ?? true);
  for (const { delivery } of shown.filter((_one, index) => accepted?.[index] === false)) passed.push(delivery);
  const messages: Message[] = [];
  let bytes = 0;
  while (messages.length < wanted.length && bytes < MAX_BYTES) {
    const some = wanted.slice(messages.length, messages.length + LINKS_AT_ONCE);
    const entries = await entriesOf(maker, some, signal);
    messages.push(...some.map((one, index) => messageOf(maker, one, entries[index])));
    for (const { event, link } of entries) bytes += sizeOf(event) + sizeOf(link);
  }
  return { messages, bytes, passed, left: wanted.slice(messages.length).map(({ delivery }) => delivery) };
}

/** What began behind the end of its stream begins where it was told all the same. */
function isEarly({ view, start }: MessageMaker, { event }: SeenEvent): boolean {
  return typeof start === "number" && (view.name === undefined ? event.position : event.version) < start;
}

/** For all consumers: what each of them may read is looked at when it is given something. */
async function entriesOf(
  { store, resolvesLinks }: MessageMaker,
  wanted: readonly SeenDelivery[],
  signal: AbortSignal,
): Promise<readonly ReadEntry[]> {
  const seen = wanted.map((one) => one.seen);
  if (!resolvesLinks || !seen.some(({ event, target }) => target !== undefined || isLink(event)))
    return seen.map(({ event }) => ({ event }));
  return resolveLinks({ store, access: openAccess }, seen, { principal: ANONYMOUS, signal });
}

function sizeOf(event: RecordedEventFields | undefined): number {
  return event === undefined ? 0 : event.data.length + event.metadata.length;
}

function messageOf({ view, strategy }: MessageMaker, { delivery, seen }: SeenDelivery, entry: ReadEntry = { event: seen.event }): Message {
  const { position, fence, attempt } = delivery;
  const subject = entry.link === undefined ? (seen.target ?? seen.event) : entry.event;
  return {
    position,
    fence,
    attempt,
    id: seen.event.id,
    number: view.name === undefined ? position : seen.event.version,
    place: placeOf(subject, seen.event),
    pin: pinOf(strategy, seen, entry),
    entry,
    sentMs: 0,
  };
}

function placeOf(subject: RecordedEventFields | undefined, link: RecordedEventFields): string {
  if (subject !== undefined) return `${subject.version}@${subject.stream}`;
  return typeof link.data === "string" ? link.data : Buffer.from(link.data).toString("utf8");
}

/** A link is kept with the stream that it leads to. */
function pinOf(strategy: ConsumerStrategy, { event, target }: SeenEvent, entry: ReadEntry): string {
  if (strategy !== "Pinned" && strategy !== "PinnedByCorrelation") return "";
  const subject = entry.link === undefined ? (target ?? event) : (entry.event ?? event);
  const correlation = strategy === "PinnedByCorrelation" ? correlationIn(subject.metadata) : undefined;
  return correlation ?? (isLink(subject) ? linkTarget(subject)?.stream : undefined) ?? subject.stream;
}

function correlationIn(metadata: string): string | undefined {
  try {
    const { $correlationId } = JSON.parse(metadata) as { readonly $correlationId?: unknown };
    return typeof $correlationId === "string" ? $correlationId : undefined;
  } catch {
    // Metadata is kept as it was written: it need not be JSON.
    return undefined;
  }
}
