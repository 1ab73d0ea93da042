import { InvalidArgument, type ExpectedVersion } from "@reactive-domain/core";
import type { CallOptions } from "@reactive-domain/persistence";
import type { AggregateRoot } from "../aggregates/aggregate-root.ts";
import { AggregateNotFound } from "./errors.ts";
import type { StoreAccess } from "./load-source.ts";

/** An aggregate that is to go, and its stream. */
export interface Ending {
  readonly kind: "delete" | "tombstone";
  readonly type: string;
  readonly aggregate: AggregateRoot;
  readonly stream: string;
}

/** Deletes a stream at the version that its aggregate expects. Errors: `aggregate-not-found`, `invalid-argument` with events pending, those of the store. */
export async function endStream(
  { store }: Pick<StoreAccess, "store">,
  { kind, type, aggregate, stream }: Ending,
  options?: CallOptions,
): Promise<void> {
  const { id, pendingEvents } = aggregate;
  const expectedVersion: ExpectedVersion = aggregate.expectedVersion;
  if (pendingEvents.length > 0)
    throw new InvalidArgument(
      `The number of pending events of ${type} ${id} at its end`,
      "0",
      pendingEvents.length,
      "Save them first, or get it again.",
    );
  if (expectedVersion === "noStream") throw new AggregateNotFound(type, id);
  await store.write([{ kind, stream, expectedVersion }], options);
}
