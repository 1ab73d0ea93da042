import { describe } from "@reactive-domain/core";
import { EventBase, type MessageDefinition, type Upcaster } from "@reactive-domain/messaging";
import { CorruptEvent } from "../errors.ts";
import type { RecordedEvent } from "../recorded-event.ts";

/**
 * Brings a stored payload up to the newest version of its type, one upcaster after another. One payload may become several, none, or events of other classes.
 *
 * Errors: `corrupt-event` where there is no way up.
 */
export function upcast(event: RecordedEvent, { version, upcasters }: MessageDefinition, stored: object): readonly object[] {
  if (event.schemaVersion > version)
    throw corrupt(event, `its schema version ${event.schemaVersion} is newer than ${version}, the newest this program knows`);
  let payloads: readonly object[] = [stored];
  for (let from = event.schemaVersion; from < version; from++) {
    const step = upcasters[from];
    if (step === undefined) throw corrupt(event, `there is no upcaster from its schema version ${from}`);
    payloads = payloads.flatMap((payload) => (payload instanceof EventBase ? payload : take(event, from, { step, payload })));
  }
  return payloads;
}

/** One step of one payload. */
function take(
  event: RecordedEvent,
  from: number,
  { step, payload }: { readonly step: Upcaster; readonly payload: object },
): readonly object[] {
  let made: object | readonly object[];
  try {
    made = step(payload as never);
  } catch (cause) {
    throw corrupt(
      event,
      `its upcaster from schema version ${from} failed: ${cause instanceof Error ? cause.message : describe(cause)}`,
      cause,
    );
  }
  const parts: readonly unknown[] = Array.isArray(made) ? made : [made];
  const stray = parts.find((part) => !isPayload(part));
  if (stray !== undefined || parts.includes(undefined))
    throw corrupt(
      event,
      `its upcaster from schema version ${from} made ${describe(stray)}, and not a plain object, an event, or a list of them`,
    );
  return parts as readonly object[];
}

function isPayload(part: unknown): boolean {
  if (typeof part !== "object" || part === null) return false;
  const prototype: unknown = Object.getPrototypeOf(part);
  return part instanceof EventBase || prototype === Object.prototype || prototype === null;
}

function corrupt({ type, version, stream }: RecordedEvent, problem: string, cause?: unknown): CorruptEvent {
  return new CorruptEvent(type, `Event ${version} of ${stream}`, problem, cause);
}
