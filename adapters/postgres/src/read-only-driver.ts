import { StoreUnavailable } from "@reactive-domain/persistence";
import type { EventStoreDriver } from "@reactive-domain/persistence/adapter";
import type { PostgresDriver } from "./postgres-driver.ts";

/** A driver of which all that would change something is refused with `store-unavailable`. */
export function readOnlyDriver(driver: PostgresDriver): EventStoreDriver {
  const { name, durability, batchEvents, groups, transfer } = driver;
  const refuse = refuseWriting(driver);
  return {
    name,
    durability,
    batchEvents,
    write: refuse,
    scavenge: refuse,
    readPage: (request) => driver.readPage(request),
    readBehindSnapshot: (request) => driver.readBehindSnapshot(request),
    streamInfo: (stream) => driver.streamInfo(stream),
    snapshot: (of) => driver.snapshot(of),
    checkpoint: (of) => driver.checkpoint(of),
    onCommit: (listener) => driver.onCommit(listener),
    close: () => driver.close(),
    leases: { acquire: refuse, renew: refuse, release: refuse },
    groups: {
      create: refuse,
      delete: refuse,
      claim: refuse,
      extend: refuse,
      replayParked: refuse,
      list: () => groups.list(),
      status: (group) => groups.status(group),
      parked: (group, request) => groups.parked(group, request),
    },
    transfer: { take: refuse, status: () => transfer.status(), records: () => transfer.records() },
  };
}

/** What takes the place of a call that would change something. */
export function refuseWriting({ name }: PostgresDriver): () => Promise<never> {
  return async () => {
    throw new StoreUnavailable(name, "was opened with readOnly; open it for writing", { retryable: false });
  };
}
