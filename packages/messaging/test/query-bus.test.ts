import { createQueryBus, metadataOf, type MessageContext } from "@reactive-domain/messaging";
import { describe, expect, it } from "vitest";
import { BalanceOf, PastBalanceOf } from "./banking.ts";
import { rejectionOf } from "./refusal.ts";

const balanceOf = (): BalanceOf => new BalanceOf({ accountId: "a-1" });

describe("a query that is asked", () => {
  it("D4: is answered by its handler, now or later", async () => {
    const queries = createQueryBus();
    const end = queries.handle(BalanceOf, () => ({ balance: 5 }));
    expect(await queries.ask(balanceOf())).toEqual({ balance: 5 });
    end();
    queries.handle(BalanceOf, async () => ({ balance: await Promise.resolve(7) }));
    const { balance } = await queries.ask(balanceOf());
    expect(balance).toBe(7);
  });

  it("comes with its metadata and the asker's signal", async () => {
    const told: MessageContext[] = [];
    const queries = createQueryBus();
    queries.handle(BalanceOf, (_, context) => {
      told.push(context);
      return { balance: 0 };
    });
    const { signal } = new AbortController();
    const query = balanceOf();
    await queries.ask(query, { signal });
    expect(told).toHaveLength(1);
    expect(told[0]?.metadata).toBe(metadataOf(query));
    expect(told[0]?.signal).toBe(signal);
  });

  it("D3: fails with the very error that its handler threw or rejected with", async () => {
    const queries = createQueryBus();
    const cause = new Error("the read model is behind");
    const end = queries.handle(BalanceOf, () => {
      throw cause;
    });
    expect(await rejectionOf(queries.ask(balanceOf()))).toBe(cause);
    end();
    queries.handle(BalanceOf, () => Promise.reject(cause));
    expect(await rejectionOf(queries.ask(balanceOf()))).toBe(cause);
  });

  it("D15: never reaches its handler when its asker gave it up before", async () => {
    const handled: BalanceOf[] = [];
    const queries = createQueryBus();
    queries.handle(BalanceOf, (query) => {
      handled.push(query);
      return { balance: 0 };
    });
    expect(await rejectionOf(queries.ask(balanceOf(), { signal: AbortSignal.abort() }))).toMatchObject({ code: "message-canceled" });
    expect(handled).toEqual([]);
  });

  it("D13: may ask another from its handler", async () => {
    const queries = createQueryBus();
    queries.handle(BalanceOf, () => ({ balance: 5 }));
    queries.handle(PastBalanceOf, async ({ accountId }) => {
      const { balance } = await queries.ask(new BalanceOf({ accountId }));
      return { balance: balance - 1 };
    });
    expect(await queries.ask(new PastBalanceOf({ accountId: "a-1", timeMs: 0 }))).toEqual({ balance: 4 });
  });
});

describe("the handlers of queries", () => {
  it("D5: are one for each type", () => {
    const queries = createQueryBus();
    queries.handle(BalanceOf, () => ({ balance: 0 }));
    queries.handle(PastBalanceOf, () => ({ balance: 0 }));
    expect(() => queries.handle(BalanceOf, () => ({ balance: 1 }))).toThrow(expect.objectContaining({ code: "already-handled" }));
    expect(queries.handledTypes()).toEqual(["BalanceOf", "PastBalanceOf"]);
  });

  it("D6, D7: are not called for a query that derives from theirs, which is missed at once", async () => {
    const queries = createQueryBus();
    queries.handle(BalanceOf, () => ({ balance: 0 }));
    expect(await rejectionOf(queries.ask(new PastBalanceOf({ accountId: "a-1", timeMs: 0 })))).toMatchObject({
      code: "not-handled",
      details: { type: "PastBalanceOf", handled: ["BalanceOf"] },
    });
  });

  it("D18: may leave and come back", async () => {
    const queries = createQueryBus();
    const end = queries.handle(BalanceOf, () => ({ balance: 1 }));
    end();
    expect(await rejectionOf(queries.ask(balanceOf()))).toMatchObject({ code: "not-handled" });
    queries.handle(BalanceOf, () => ({ balance: 2 }));
    end();
    expect(await queries.ask(balanceOf())).toEqual({ balance: 2 });
  });
});
