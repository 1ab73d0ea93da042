import { systemClock, withRuntime } from "@reactive-domain/core";
import { startServer, type KurrentServer } from "@reactive-domain/kurrentdb-server";
import type { EventStore, WriteOptions } from "@reactive-domain/persistence";
import { createEventStore } from "@reactive-domain/persistence/adapter";
import { newEvent } from "@reactive-domain/store-tests";
import { rankedDriver } from "@reactive-domain/testing/conformance";
import { openKurrentDriver } from "../src/open-kurrent-driver.ts";

/** What operators of KurrentDB set as `MaxAppendSize`, where writes are larger than its 1 MiB. */
const MAX_APPEND_BYTES = 16 * 1024 * 1024;

/** Serves a store. Deadlines of clients are times of the machine's clock, whatever clock a test has put in force. */
export function serve(store: EventStore, port = 0): Promise<KurrentServer> {
  return withRuntime({ clock: systemClock }, () => startServer(store, { port, insecure: true, maxAppendBytes: MAX_APPEND_BYTES }));
}

/** A store on a server of its own, which is over a store of its own, with positions as if the log had no holes; closing it ends all of them. */
export async function openRanked(store: EventStore): Promise<EventStore> {
  const server = await serve(await withHoles(store));
  const driver = rankedDriver(await openKurrentDriver(server.url, {}));
  const close = async (): Promise<void> => {
    await driver.close();
    await server.close();
    await store.close();
  };
  return createEventStore({ ...driver, close });
}

/** A store whose log has events of the system everywhere between others, as that of a node has: nobody may count on positions without holes. */
async function withHoles(store: EventStore): Promise<EventStore> {
  const write = store.write.bind(store);
  const addHole = () =>
    write([{ kind: "append", stream: "$stats", expectedVersion: "any", events: [newEvent({ type: "$statsCollected" })] }], {
      systemStreams: true,
    });
  await addHole();
  store.write = async (items, options?: WriteOptions) => {
    const result = await write(items, options);
    await addHole();
    return result;
  };
  return store;
}
