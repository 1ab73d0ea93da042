import type { EventStore, ReadModels } from "@reactive-domain/foundation";
import { timed, type Work } from "../../measure.ts";
import { balanceOf } from "../aggregates/history.ts";
import { accountDocuments, accountProjections } from "./account-views.ts";

/** How many documents there are. */
export const ACCOUNTS = 10_000;

/** Rebuilds the projection of so many events, with the swap at its end; it has been built before. */
export function rebuilding<C>(store: EventStore, views: ReadModels<C>, events: number): Work {
  return {
    run: async () => {
      await using projections = accountProjections(store, views);
      const [accounts] = projections.all;
      if (accounts === undefined) throw new Error("There is no projection.");
      const ms = await timed(() => accounts.rebuild());
      await check(views, events);
      await accounts.discard("retired");
      return { units: events, ms };
    },
  };
}

/** Errors where the documents are not those that so many events make. */
async function check<C>(views: ReadModels<C>, events: number): Promise<void> {
  const documents = await accountDocuments(views);
  const wanted = balanceOf(events / ACCOUNTS);
  const kept = await documents.get("004711");
  const { total } = await documents.query({ page: { size: 1, total: true } });
  if (kept?.item.balanceCents !== wanted || total !== ACCOUNTS)
    throw new Error(`Of ${total} documents, one holds ${kept?.item.balanceCents} and not ${wanted}: events were lost or repeated.`);
}
