import { openKurrentStore, type KurrentStoreOptions } from "@reactive-domain/kurrentdb";
import { startServer } from "@reactive-domain/kurrentdb-server";
import type { EventStore } from "@reactive-domain/persistence";

/** A store on a server of its own, which is over a store of its own; closing it ends all of them. */
export async function openServed(store: EventStore, options: KurrentStoreOptions = {}): Promise<EventStore> {
  const server = await startServer(store, { port: 0 });
  const opened = await openKurrentStore(server.url, options);
  const { close } = opened;
  return Object.assign(opened, {
    close: async (): Promise<void> => {
      await close.call(opened);
      await server.close();
      await store.close();
    },
  });
}
