import { InvalidArgument } from "@reactive-domain/core";
import type { EventStore } from "@reactive-domain/persistence";
import type { CorrelatedEventSource } from "../aggregates/correlated-event-source.ts";

/** Where a source lives. */
interface Home {
  readonly store: EventStore;
  readonly stream: string;
}

const homes = new WeakMap<CorrelatedEventSource, Home>();

/** Notes where a source was loaded from, or saved to. */
export function settle(source: CorrelatedEventSource, store: EventStore, stream: string): void {
  homes.set(source, { store, stream });
}

/** What was decided in one context, store or tenant is not written into another. Errors: `invalid-argument`. */
export function refuseElsewhere(source: CorrelatedEventSource, store: EventStore, stream: string): void {
  const home = homes.get(source);
  if (home === undefined || (home.stream === stream && home.store === store)) return;
  const place = home.stream === stream ? `${stream} of another store` : home.stream;
  throw new InvalidArgument(
    `Where what is saved to ${stream} lives`,
    "there, or nowhere yet",
    place,
    "Save it by the repository that it is from.",
  );
}
