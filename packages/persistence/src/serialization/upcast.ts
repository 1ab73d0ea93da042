import { EventBase, type MessageDefinition } from "@reactive-domain/messaging";
import { CorruptEvent } from "../errors.ts";
import type { RecordedEvent } from "../recorded-event.ts";

/**
 * Brings a stored payload up to the newest version of its type, one upcaster after another. One payload may become several, none, or events of other classes.
 *
 * Errors: `corrupt-event` where there is no way up.
 */
export function upcast(event: RecordedEvent, { version, upcasters }: MessageDefinition, stored: object): readonly object[] {
  const where = `Event ${event.version} of ${event.stream}`;
  if (event.schemaVersion > version) {
    throw new CorruptEvent(
      event.type,
      where,
      `its schema version ${event.schemaVersion} is newer than ${version}, the newest this program knows`,
    );
  }
  let payloads: readonly object[] = [stored];
  for (let from = event.schemaVersion; from < version; from++) {
    const step: ((old: never) => object | readonly object[]) | undefined = upcasters[from];
    if (step === undefined) throw new CorruptEvent(event.type, where, `there is no upcaster from its schema version ${from}`);
    payloads = payloads.flatMap((payload) => (payload instanceof EventBase ? payload : step(payload as never)));
  }
  return payloads;
}
