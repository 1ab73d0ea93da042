import { createHealth, createInMemoryReadModels, createProjections, defineListing, defineReadModels } from "@reactive-domain/foundation";
import { projectDocuments } from "@reactive-domain/foundation";
import { describe, expect, it } from "vitest";
import { AmountDeposited } from "../banking.ts";
import { openWith, virtually } from "../listeners/noted.ts";

const totals = defineReadModels("totals", { listing: defineListing({ key: "accountId", fields: { accountId: "string", sum: "number" } }) });

describe("a health of projections and groups", () => {
  it(
    "tells how each is, and what is parked",
    virtually(async () => {
      const { bank } = await openWith(3);
      const projection = projectDocuments(totals.holding<{ accountId: string; sum: number }>()).on(
        AmountDeposited,
        ({ accountId }) => accountId,
        (item, { accountId, amount }) => ({ accountId, sum: (item?.sum ?? 0) + amount }),
      );
      await using projections = createProjections(bank, createInMemoryReadModels(), [projection]);
      await using mailer = bank.group("mailer", { maxAttempts: 1 }).on(AmountDeposited, (_, { version }) => {
        if (version === 2) throw new Error("There is no such address.");
      });
      const health = createHealth([projections, mailer]);
      await projections.start();
      await mailer.start();
      await projections.of("totals").caughtUp();
      await mailer.caughtUp();
      const { status, workers, isReady, isLive } = await health.report();
      expect(workers).toMatchObject([
        { kind: "projection", name: "totals", status: "live", position: 2, lag: { events: 0 }, parked: 0, isReady: true },
        { kind: "group", name: "mailer", status: "live", position: 2, lag: { events: 0 }, parked: 1, isReady: true },
      ]);
      expect({ status, isReady, isLive }).toEqual({ status: "degraded", isReady: true, isLive: true });
    }),
  );
});
