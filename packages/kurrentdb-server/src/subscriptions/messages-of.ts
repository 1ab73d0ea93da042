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

/** What is to be sent, and what of the deliveries is not of the subscription. */
export interface MadeMessages {
  readonly messages: readonly Message[];
  readonly passed: readonly Delivery[];
}

interface SeenDelivery {
  readonly delivery: Delivery;
  readonly seen: SeenEvent;
}

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
  const entries = await entriesOf(maker, wanted, signal);
  return { messages: wanted.map((one, index) => messageOf(maker, one, entries[index])), passed };
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
  const entries: ReadEntry[] = [];
  for (let index = 0; index < seen.length; index += LINKS_AT_ONCE)
    entries.push(
      ...(await resolveLinks({ store, access: openAccess }, seen.slice(index, index + LINKS_AT_ONCE), { principal: ANONYMOUS, signal })),
    );
  return entries;
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
