import {
  boundedContext,
  Command,
  connect,
  createCommandBus,
  createInMemoryStore,
  createJsonEventSerializer,
  createQueryBus,
  Event,
  Query,
  type EventSerializer,
  type EventStore,
  type MessageClass,
  type EventBase,
} from "@reactive-domain/foundation";
import { everyStore } from "@reactive-domain/store-tests/every-store";
import { describe, expect, it } from "vitest";
import { Account, Deposit, OpenAccount, refusalOf } from "../banking.ts";

class Renamed extends Event("Renamed", { version: 3, upcasters: { 1: (old: object) => old, 2: (old: object) => old } })<{ name: string }> {}
class Moved extends Event("Moved", { version: 2 })<{ to: string }> {}
class BalanceOf extends Query("BalanceOf")<{ accountId: string }, number> {}
class OtherDeposit extends Command("Deposit")<{ accountId: string }> {}
class OtherBalanceOf extends Query("BalanceOf")<{ accountId: string }, number> {}
class Torn extends Event("Torn", {
  version: 2,
  upcasters: {
    1: () => {
      throw new Error("torn");
    },
  },
})<{ by: string }> {}
class Audit extends Command("Audit")<{ accountId: string }> {}

const ids = ["0198b2a4-0000-7000-8000-000000000001", "0198b2a4-0000-7000-8000-000000000002"] as const;

/** Writes events as earlier and later programs would have. */
async function storeOf(
  store: EventStore,
  type: string,
  schemaVersions: readonly number[],
  stream = "banking.account-1",
): Promise<EventStore> {
  const events = schemaVersions.map((schemaVersion, index) => ({
    id: ids[index] ?? crypto.randomUUID(),
    type,
    schemaVersion,
    contentType: "application/json",
    data: "{}",
    metadata: "{}",
  }));
  await store.append(stream, events, { expectedVersion: "any" });
  return store;
}

const contextOf = (...events: readonly MessageClass<EventBase>[]) => boundedContext("banking", { aggregates: [Account], events });

describe("a context whose commands and queries have handlers", () => {
  const context = boundedContext("banking", { aggregates: [Account], events: [], commands: [Deposit, OpenAccount], queries: [BalanceOf] });

  it("is complete with the buses that have them, be they several", async () => {
    const [commands, others, queries] = [createCommandBus(), createCommandBus(), createQueryBus()];
    commands.handle(Deposit, () => undefined);
    others.handle(OpenAccount, () => undefined);
    queries.handle(BalanceOf, () => 0);
    const bank = connect(context, createInMemoryStore());
    await expect(bank.verify({ commands: [commands, others], queries })).resolves.toBeUndefined();
  });

  it("tells at once all that have none", async () => {
    const commands = createCommandBus();
    commands.handle(Deposit, () => undefined);
    commands.handle(Audit, () => undefined);
    const verified = connect(context, createInMemoryStore()).verify({ commands });
    await expect(verified).rejects.toMatchObject({
      code: "context-incomplete",
      problems: [
        "The command OpenAccount has no handler. Register one before, or give `verify` the bus that has it.",
        "The query BalanceOf has no handler. Register one before, or give `verify` the bus that has it.",
      ],
    });
  });
});

describe("a context whose messages are handled on several buses, or by other classes", () => {
  const context = boundedContext("banking", { aggregates: [Account], events: [], commands: [Deposit], queries: [BalanceOf] });
  const bank = connect(context, createInMemoryStore());
  const balances = createQueryBus();
  balances.handle(BalanceOf, () => 0);

  it("tells of a handler that is for another class of that name", async () => {
    const [commands, queries] = [createCommandBus(), createQueryBus()];
    commands.handle(OtherDeposit, () => undefined);
    queries.handle(OtherBalanceOf, () => 0);
    const advice = "List the class that is handled, or handle the one that is listed.";
    await expect(bank.verify({ commands, queries })).rejects.toMatchObject({
      problems: [
        `The command Deposit has no handler, but another class of that name has one. ${advice}`,
        `The query BalanceOf has no handler, but another class of that name has one. ${advice}`,
      ],
    });
  });

  it("is complete where a connected bus has the handler, and with several buses that are connected", async () => {
    const [commands, others] = [createCommandBus(), createCommandBus()];
    others.handle(Deposit, () => undefined);
    commands.connect(others);
    await expect(bank.verify({ commands, queries: balances })).resolves.toBeUndefined();
    await expect(bank.verify({ commands: [commands, others], queries: balances })).resolves.toBeUndefined();
  });

  it("is complete where a connected bus has a handler for another class of that name", async () => {
    const [commands, others] = [createCommandBus(), createCommandBus()];
    commands.handle(Deposit, () => undefined);
    others.handle(OtherDeposit, () => undefined);
    commands.connect(others);
    await expect(bank.verify({ commands: [commands, others], queries: balances })).resolves.toBeUndefined();
  });

  it.each([false, true])("tells of several handlers of one command or query, connected: %s", async (isConnected) => {
    const [commands, others, queries] = [createCommandBus(), createCommandBus(), createQueryBus()];
    for (const bus of [commands, others]) bus.handle(Deposit, () => undefined);
    queries.handle(BalanceOf, () => 0);
    if (isConnected) commands.connect(others);
    const problems = [
      expect.stringMatching(
        /^The command Deposit has 2 handlers: from \S*verify\.test\.ts\S*, and from \S*verify\.test\.ts\S*\. Keep one of them\.$/,
      ),
      expect.stringMatching(/^The query BalanceOf has 2 handlers: from /),
    ];
    await expect(bank.verify({ commands: [commands, others], queries: [balances, queries] })).rejects.toMatchObject({ problems });
  });

  it("takes a bus that is given twice for one", async () => {
    const commands = createCommandBus();
    commands.handle(Deposit, () => undefined);
    await expect(bank.verify({ commands: [commands, commands], queries: [balances, balances] })).resolves.toBeUndefined();
  });
});

describe.each(everyStore)("a context and what is stored in $name", ({ open }) => {
  it("G10: fit where every stored version has a way up", async () => {
    const store = await storeOf(await open(), "Renamed", [1, 3]);
    await expect(connect(contextOf(Renamed, Moved), store).verify()).resolves.toBeUndefined();
  });

  it("G10: do not fit where an old event has no way up, or a newer program has written", async () => {
    const store = await storeOf(await open(), "Moved", [1, 3]);
    await expect(connect(contextOf(Renamed, Moved), store).verify()).rejects.toMatchObject({
      problems: [
        "Moved at version 0 of banking.account-1 is of schema version 1, and Moved has no upcaster from there. Add one to its class.",
        "Moved at version 1 of banking.account-1 is of schema version 3, and this program knows Moved up to 2. Run the newest program.",
      ],
    });
  });

  it("G10: do not fit where an upcaster throws, or what is stored is no payload", async () => {
    const store = await storeOf(await open(), "Torn", [1, 2]);
    const broken = {
      id: crypto.randomUUID(),
      type: "Moved",
      schemaVersion: 2,
      contentType: "application/json",
      data: "[]",
      metadata: "{}",
    };
    await store.append("banking.account-2", [broken], { expectedVersion: "any" });
    await expect(connect(contextOf(Torn, Moved), store).verify()).rejects.toMatchObject({
      problems: [
        expect.stringMatching(/^Torn at version 0 of banking\.account-1 cannot be read: .*its upcaster from schema version 1 failed: torn/),
        expect.stringMatching(/^Moved at version 0 of banking\.account-2 cannot be read: .*its data is not a JSON object/),
      ],
    });
  });

  it("G10: do not fit where the serializer of the context refuses, be it late", async () => {
    const store = await storeOf(await open(), "Moved", [2, 2]);
    const usual = createJsonEventSerializer([Moved]);
    const serializer: EventSerializer = {
      serialize: (event, destination) => usual.serialize(event, destination),
      deserialize: async (event) => {
        await Promise.resolve();
        if (event.version === 1) throw new Error("no key");
        return usual.deserialize(event);
      },
    };
    await expect(connect(contextOf(Moved), store, { serializer }).verify()).rejects.toMatchObject({
      problems: ["Moved at version 1 of banking.account-1 cannot be read: no key"],
    });
  });

  it("F11: what another context has stored by the same name is not its affair", async () => {
    const store = await storeOf(await open(), "Moved", [1, 3], "vending.account-1");
    await expect(connect(contextOf(Moved), store).verify()).resolves.toBeUndefined();
  });
});

it("G10: a chain of upcasters that does not begin at version 1 is refused when the context connects", () => {
  class Halved extends Event("Halved", { version: 3, upcasters: { 2: (old: object) => old } })<{ by: number }> {}
  expect(refusalOf(() => connect(contextOf(Halved), createInMemoryStore()))).toMatchObject({
    code: "invalid-argument",
    message: "The version from which the first upcaster of Halved leads must be 1, but is 2. Add those before it.",
  });
});
