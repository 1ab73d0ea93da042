import { createTestRuntime } from "@reactive-domain/testing";
import { sleep } from "@reactive-domain/core";
import { createCommandBus, createEventBus, validation } from "@reactive-domain/messaging";
import { describe, expect, it } from "vitest";
import { AmountDeposited, CloseAccount, Deposit, OpenAccount } from "./banking.ts";
import { refusalOf, rejectionOf } from "./refusal.ts";

const close = (): CloseAccount => new CloseAccount({ accountId: "a-1" });
const deposited = (): AmountDeposited => new AmountDeposited({ accountId: "a-1", amount: 1 });

describe("connected command buses", () => {
  it("C10: find the handler on either, and give the response to the sender", async () => {
    const [here, there] = [createCommandBus(), createCommandBus()];
    here.connect(there);
    there.handle(CloseAccount, () => "closed");
    there.handle(OpenAccount, () => {
      throw new Error("no room");
    });
    for (const commands of [here, there]) {
      expect(await commands.send(close())).toBe("closed");
      expect(await commands.trySend(new OpenAccount({ owner: "Ann" }))).toMatchObject({ ok: false, failure: { code: "command-failed" } });
      expect(await commands.trySend(close(), { signal: AbortSignal.abort() })).toMatchObject({
        ok: false,
        failure: { code: "message-canceled" },
      });
    }
  });

  it("D7: are waited for until the time to acknowledge is up, not that to respond", async () => {
    const test = createTestRuntime();
    await test.run(async () => {
      const [here, there] = [createCommandBus({ ackTimeoutMs: 70, responseTimeoutMs: 500 }), createCommandBus()];
      const end = here.connect(there);
      const startMs = test.clock.monotonicMs();
      expect(await here.trySend(close())).toMatchObject({ ok: false, failure: { code: "not-handled" } });
      expect(test.clock.monotonicMs() - startMs).toBe(70);
      await rejectionOf(here.send(close(), { ackTimeoutMs: 30 }));
      expect(test.clock.monotonicMs() - startMs).toBe(100);
      await rejectionOf(there.send(close()));
      expect(test.clock.monotonicMs() - startMs).toBe(1_100);
      end();
      expect(await rejectionOf(here.send(close()))).toMatchObject({ code: "not-handled" });
      expect(test.clock.monotonicMs() - startMs).toBe(1_100);
    });
  });

  it("carry out a command when its handler is registered, or its bus connected, in time", async () => {
    const test = createTestRuntime();
    await test.run(async () => {
      const [here, there, far] = [createCommandBus({ ackTimeoutMs: 70 }), createCommandBus(), createCommandBus()];
      here.connect(there);
      const startMs = test.clock.monotonicMs();
      const [closed, opened] = [here.send(close()), here.send(new OpenAccount({ owner: "Ann" }))];
      await sleep(10);
      there.handle(CloseAccount, () => "closed");
      expect(await closed).toBe("closed");
      expect(test.clock.monotonicMs() - startMs).toBe(10);
      far.handle(OpenAccount, () => ({ accountId: "a-1" }));
      there.connect(far);
      expect(await opened).toEqual({ accountId: "a-1" });
      expect(test.clock.monotonicMs() - startMs).toBe(10);
    });
    await test.settle();
    expect(test.pendingTimers).toBe(0);
  });

  it("name all that they handle together to the sender of what nobody does", async () => {
    const test = createTestRuntime();
    await test.run(async () => {
      const [here, there] = [createCommandBus(), createCommandBus()];
      here.connect(there);
      here.handle(OpenAccount, () => ({ accountId: "a-1" }));
      there.handle(Deposit, () => undefined);
      expect(await rejectionOf(here.send(close()))).toMatchObject({
        details: { type: "CloseAccount", handled: ["Deposit", "OpenAccount"] },
      });
    });
  });

  it("hold a command against its schema as the bus of its handler does", async () => {
    const [here, there] = [createCommandBus({ middleware: [validation()] }), createCommandBus()];
    here.connect(there);
    there.handle(Deposit, () => "handled");
    for (const commands of [here, there])
      expect(await rejectionOf(commands.send(new Deposit({ accountId: "a-1", amount: 0 })))).toMatchObject({ code: "invalid-message" });
  });

  it("D15: are waited for no longer when the sender gives up", async () => {
    const test = createTestRuntime();
    await test.run(async () => {
      const [here, there] = [createCommandBus(), createCommandBus()];
      here.connect(there);
      const sender = new AbortController();
      const startMs = test.clock.monotonicMs();
      const failure = rejectionOf(here.send(close(), { signal: sender.signal }));
      await sleep(10);
      sender.abort("left");
      expect(await failure).toMatchObject({ code: "message-canceled", cause: "left" });
      expect(test.clock.monotonicMs() - startMs).toBe(10);
    });
    await test.settle();
    expect(test.pendingTimers).toBe(0);
  });

  it("D19: refuse a command that both handle, and run neither", async () => {
    const handled: string[] = [];
    const [here, there] = [createCommandBus(), createCommandBus()];
    const end = here.connect(there);
    here.handle(CloseAccount, () => handled.push("here"));
    there.handle(CloseAccount, () => handled.push("there"));
    expect(await rejectionOf(here.send(close()))).toMatchObject({
      code: "oversubscribed",
      details: {
        type: "CloseAccount",
        first: expect.stringContaining("connected-buses.test.ts") as unknown,
        second: expect.stringContaining("connected-buses.test.ts") as unknown,
      },
    });
    expect(handled).toEqual([]);
    end();
    end();
    await here.send(close());
    expect(handled).toEqual(["here"]);
  });

  it("may stand in a ring, and are asked once each", async () => {
    const buses = [createCommandBus(), createCommandBus(), createCommandBus()];
    for (const [index, bus] of buses.entries()) bus.connect(buses[(index + 1) % 3] as (typeof buses)[number]);
    let handled = 0;
    buses[2]?.handle(CloseAccount, () => ++handled);
    expect(await buses[0]?.send(close())).toBe(1);
  });

  it("part on both sides, whichever was connected", async () => {
    const [here, there] = [createCommandBus(), createCommandBus()];
    here.handle(CloseAccount, () => "here");
    there.handle(OpenAccount, () => ({ accountId: "there" }));
    const end = here.connect(there);
    expect(await there.send(close())).toBe("here");
    end();
    expect(await rejectionOf(there.send(close()))).toMatchObject({ code: "not-handled" });
    expect(await rejectionOf(here.send(new OpenAccount({ owner: "Ann" })))).toMatchObject({ code: "not-handled" });
  });

  it("D17: are given up together", async () => {
    await createTestRuntime().run(async () => {
      const [here, there] = [createCommandBus(), createCommandBus()];
      here.connect(there);
      const sender = new AbortController();
      const told: (boolean | undefined)[] = [];
      there.handle(CloseAccount, async (_, { signal }) => {
        await sleep(100);
        told.push(signal?.aborted);
      });
      const failure = rejectionOf(here.send(close(), { signal: sender.signal }));
      await sleep(10);
      sender.abort();
      expect(await failure).toMatchObject({ code: "message-canceled" });
      await sleep(200);
      expect(told).toEqual([true]);
    });
  });

  it("are two, and of this kind", () => {
    const commands = createCommandBus();
    for (const other of [commands, {}, undefined, createEventBus()])
      expect(refusalOf(() => commands.connect(other as typeof commands))).toMatchObject({ code: "invalid-argument" });
  });
});

describe("connected event buses", () => {
  it("C9: see each event once on each side, whichever it was published on, also in a ring", async () => {
    const buses = [createEventBus(), createEventBus(), createEventBus()];
    for (const [index, bus] of buses.entries()) bus.connect(buses[(index + 1) % 3] as (typeof buses)[number]);
    const seen: number[] = [];
    for (const [index, bus] of buses.entries()) bus.subscribe(AmountDeposited, () => void seen.push(index));
    for (const bus of buses) await bus.publish(deposited());
    expect(seen.toSorted((one, other) => one - other)).toEqual([0, 0, 0, 1, 1, 1, 2, 2, 2]);
  });

  it("C9: tell the publisher of failures on either side, and part again", async () => {
    const [here, there] = [createEventBus(), createEventBus()];
    const end = here.connect(there);
    there.subscribe(AmountDeposited, function print() {
      throw new Error("no paper");
    });
    expect(await rejectionOf(here.publish(deposited()))).toMatchObject({ failures: [{ handler: "print" }] });
    end();
    await here.publish(deposited());
    expect(refusalOf(() => here.connect(here))).toMatchObject({ code: "invalid-argument" });
  });
});
