import { connect, type EventFeed, type EventStore } from "@reactive-domain/foundation";
import { timed, type Work } from "../../measure.ts";
import { Account, banking } from "../aggregates/account.ts";
import { checkBalances } from "./account-history.ts";
import { Balances } from "./balances.ts";

/** What a read model takes: the events of all accounts, or of the whole context. */
export type FeedKind = "category" | "all";

/** A read model from its start until it is live. */
export function catchingUp(store: EventStore, kind: FeedKind, events: number): Work {
  const feed = feedOf(store, kind);
  return {
    run: async () => {
      await using balances = new Balances();
      const ms = await timed(async () => {
        await balances.start(feed);
        await balances.live;
      });
      checkBalances(balances.byAccount, events);
      return { units: events, ms };
    },
  };
}

/** The same events by the store alone, in batches whose data nobody parses. */
export function readingBatches(store: EventStore, events: number): Work {
  const { source } = feedOf(store, "category");
  return {
    run: async () => {
      let [seen, characters] = [0, 0];
      const ms = await timed(async () => {
        for await (const batch of store.read(source).batches())
          for (const { data } of batch.events) {
            seen++;
            characters += data.length;
          }
      });
      if (seen !== events || characters === 0) throw new Error(`${seen} of ${events} events were read.`);
      return { units: events, ms };
    },
  };
}

/** The balances that a floor makes. */
export function foldingByHand(fold: () => Promise<ReadonlyMap<string, number>>, events: number): Work {
  return {
    run: async () => {
      let balances: ReadonlyMap<string, number> = new Map();
      const ms = await timed(async () => {
        balances = await fold();
      });
      checkBalances(balances, events);
      return { units: events, ms };
    },
  };
}

function feedOf(store: EventStore, kind: FeedKind): EventFeed {
  const bank = connect(banking, store);
  return kind === "all" ? bank.all() : bank.category(Account);
}

/** The category that all events are of. */
export function categoryOf(store: EventStore): string {
  return connect(banking, store).streamNames.forCategory(Account.type);
}
