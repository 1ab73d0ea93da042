import { createListener, StoreUnavailable, type EventFeed, type FeedFaulted } from "@reactive-domain/foundation";
import { createInMemoryStore } from "@reactive-domain/persistence/in-memory";
import { injectFaults } from "@reactive-domain/testing";
import { describe, expect, it } from "vitest";
import { Account, openBank } from "../banking.ts";
import { deposits, noted, openWith, virtually } from "./noted.ts";

/** A feed of which the event of a version cannot be read the first time. */
function unreadableOnce(feed: EventFeed, version: number): EventFeed {
  const { serializer } = feed;
  let isReadable = false;
  return {
    ...feed,
    serializer: {
      serialize: (event, context) => serializer.serialize(event, context),
      deserialize(recorded) {
        if (isReadable || recorded.version !== version) return serializer.deserialize(recorded);
        isReadable = true;
        throw new Error("The key is not there yet.");
      },
    },
  };
}

describe("an event that could not be read, and comes again", () => {
  it(
    "I13: is not what is at hand when the store goes away for good meanwhile",
    virtually(async ({ clock }) => {
      const faults = injectFaults(createInMemoryStore());
      const { bank } = await openWith(3, openBank(faults.store));
      await using listener = createListener(unreadableOnce(bank.category(Account), 1));
      const entries = noted(listener);
      const faulted: FeedFaulted[] = [];
      await listener.start({ onFault: (fault) => faulted.push(fault) });
      faults.failSubscriptions({ error: new StoreUnavailable("The store", "is gone", { retryable: false }) });
      await clock.advanceBy(1_000);
      expect(entries).toEqual(deposits(0, 0));
      expect(faulted).toMatchObject([{ cause: { code: "store-unavailable" }, details: { where: "between events" } }]);
    }),
  );
});
