import { describe } from "@reactive-domain/core";
import type { Capability } from "../capability.ts";
import { InvalidWrite } from "../errors.ts";
import type { RecordedEventFields } from "../recorded-event.ts";
import type { EventsPart, RecordsPart, TransferPart } from "../transfer.ts";
import { checkEvents } from "./check-event.ts";
import { checkInteger, checkText, MAX_NAME_CHARACTERS } from "./check-name.ts";
import { checkRecord, NO_LIMITS } from "./check-record.ts";
import { ownBytes } from "./own-bytes.ts";

/**
 * A part as plain data of the store's own, held against what a store can keep. An event is a fact already: no limit of size is held against it.
 *
 * Errors: `invalid-write`.
 */
export function ownPart(part: TransferPart): TransferPart {
  if (typeof part !== "object" || part === null) throw new InvalidWrite("A part", "an object", describe(part));
  checkText(part.log, "The log of a part", MAX_NAME_CHARACTERS);
  if (part.kind === "events") return ownEvents(part);
  if (part.kind === "records") return ownRecords(part);
  throw new InvalidWrite("The kind of a part", "events or records", describe((part as { readonly kind?: unknown }).kind));
}

/** The capabilities that records need. */
export function capabilitiesOfRecords({ records }: RecordsPart): ReadonlySet<Capability> {
  const needed = new Set<Capability>();
  for (const record of records) {
    if (record.kind === "snapshot") needed.add("snapshots");
    else if (record.kind === "checkpoint") needed.add("checkpoints");
    else if (record.kind === "lease") needed.add("leases");
    else if (record.kind === "group" || record.kind === "entry") needed.add("consumerGroups");
    else if (record.kind === "stream") {
      if (record.isTombstoned) needed.add("tombstones");
      else if (record.deletedBefore > 0) needed.add("softDelete");
      if (Object.keys(record.metadata).length > 0) needed.add("streamMetadata");
    }
  }
  return needed;
}

function ownEvents({ kind, log, after, events, upTo }: EventsPart): EventsPart {
  if (after !== null) checkInteger(after, "The place behind which a part begins, unless it is null,", 0);
  if (upTo !== null) checkInteger(upTo, "The place where a part ends, unless it is null,", 0);
  if (!Array.isArray(events)) throw new InvalidWrite("The events of a part", "a list", describe(events));
  const own = events.map(ownEvent);
  let [place, timeMs] = [after ?? -1, 0];
  for (const event of own) {
    checkPlace(event, place, upTo ?? -1);
    if (!(event.time.getTime() >= timeMs))
      throw new InvalidWrite(`The time of the event at ${event.position}`, "a date not before that of the last one", describe(event.time));
    [place, timeMs] = [event.position, event.time.getTime()];
  }
  return { kind, log, after, events: own, upTo };
}

/** Field by field: an event that was read has getters, which a spread would lose. */
function ownEvent(event: RecordedEventFields): RecordedEventFields {
  if (typeof event !== "object" || event === null) throw new InvalidWrite("An event of a part", "an object", describe(event));
  const { stream, version, position, time, id, type, schemaVersion, contentType, data, metadata } = event;
  return { stream, version, position, time, id, type, schemaVersion, contentType, data: ownBytes(data), metadata };
}

function checkPlace(event: RecordedEventFields, after: number, upTo: number): void {
  const { stream, version, position, time } = event;
  checkText(stream, "A stream name", MAX_NAME_CHARACTERS);
  checkInteger(version, `The version of an event of ${stream}`, 0);
  checkInteger(position, `The position of an event of ${stream}`, 0);
  if (position <= after || position > upTo)
    throw new InvalidWrite("The position of an event of a part", `behind ${after} and up to ${upTo}`, String(position));
  if (!(time instanceof Date)) throw new InvalidWrite(`The time of the event at ${position}`, "a date", describe(time));
  checkEvents(stream, [event], NO_LIMITS);
}

function ownRecords({ kind, log, round, index, records, isLast }: RecordsPart): RecordsPart {
  checkText(round, "The round of a part", MAX_NAME_CHARACTERS);
  checkInteger(index, "The index of a part", 0);
  if (typeof isLast !== "boolean") throw new InvalidWrite("Whether a part is the last of its round", "true or false", describe(isLast));
  if (!Array.isArray(records)) throw new InvalidWrite("The records of a part", "a list", describe(records));
  const own = ownData(records);
  own.forEach((record, place) => {
    const isFirst = index === 0 && place === 0;
    if (isFirst !== (record?.kind === "log"))
      throw new InvalidWrite("A log record", "the first of a round, and no other", `part ${index}, place ${place}`);
    checkRecord(record);
  });
  if (index === 0 && own.length === 0) throw new InvalidWrite("The first record of a round", "that of the log", "missing");
  return { kind, log, round, index, records: own, isLast };
}

function ownData(records: RecordsPart["records"]): RecordsPart["records"] {
  try {
    return structuredClone(records);
  } catch (cause) {
    throw new InvalidWrite("The records of a part", "JSON data", describe(cause));
  }
}
