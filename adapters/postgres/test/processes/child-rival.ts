import type { Version } from "@reactive-domain/core";
import { WrongExpectedVersion } from "@reactive-domain/persistence";
import { openPostgresStore } from "@reactive-domain/postgres";
import { newEvent } from "@reactive-domain/store-tests";

/**
 * Appends to streams to which others append as well, each time with the version that it knows, until so many of its appends were taken. Says
 * `written <stream> <version> <position> <id>`, and of each one that was refused `refused <stream> <expected> <actual> <id>`, with -1 for no stream.
 */
const [url = "", streamCount = "0", count = "0"] = process.argv.slice(2);
const CALLERS_OF_STREAM = 2;

const store = await openPostgresStore(url);
let remaining = Number(count);

async function appendOneAfterAnother(stream: string): Promise<void> {
  let known: Version | null = null;
  while (remaining > 0) {
    const event = newEvent();
    try {
      const result = await store.append(stream, [event], { expectedVersion: known ?? "noStream" });
      remaining--;
      known = result.version;
      process.stdout.write(`written ${stream} ${result.version} ${result.position} ${event.id}\n`);
    } catch (error) {
      if (!(error instanceof WrongExpectedVersion)) throw error;
      process.stdout.write(`refused ${stream} ${known ?? -1} ${error.actual ?? -1} ${event.id}\n`);
      known = error.actual;
    }
  }
}

const streams = Array.from({ length: Number(streamCount) * CALLERS_OF_STREAM }, (_, index) => `rivals-${index % Number(streamCount)}`);
await Promise.all(streams.map(appendOneAfterAnother));
await store.close();
