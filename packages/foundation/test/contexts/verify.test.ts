import {
  boundedContext,
  Command,
  connect,
  createCommandBus,
  createInMemoryStore,
  createQueryBus,
  Event,
  Query,
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
