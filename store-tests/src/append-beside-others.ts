import type { EventStore } from "@reactive-domain/persistence";
import { newEvent } from "./new-event.ts";

const CALLERS = 8;

/**
 * Appends so many events, several at a time, to streams of its own, always with their exact version, and to one of all; says `written <stream> <version> <position>`
 * on standard output.
 */
export async function appendBesideOthers(store: EventStore, name: string, count: number): Promise<void> {
  let remaining = count;
  const appendOneAfterAnother = async (stream: string): Promise<void> => {
    let { lastVersion } = await store.streamInfo(stream);
    while (remaining-- > 0) {
      const expectedVersion = stream === "shared-1" ? "any" : (lastVersion ?? "noStream");
      const { version, position } = await store.append(stream, [newEvent()], { expectedVersion });
      lastVersion = version;
      process.stdout.write(`written ${stream} ${version} ${position}\n`);
    }
  };
  const streams = Array.from({ length: CALLERS }, (_, index) => `${name}-${index}`);
  await Promise.all([...streams, "shared-1"].map(appendOneAfterAnother));
}
