import { AggregateRoot, boundedContext, connect, Event, metadataOf } from "@reactive-domain/foundation";
import { everyStore } from "@reactive-domain/store-tests/every-store";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Account, AmountDeposited, GiftReceived, openBank } from "../banking.ts";
import { storedIn } from "./stored-events.ts";

class Noted extends Event("Noted")<{ what: fc.JsonValue }> {}
class Renamed extends Event("Renamed")<{ name: string }> {}
/** Version 1 held all changes of a day, and what renamed the account. */
class Changed extends Event("Changed", {
  version: 2,
  upcasters: {
    1: ({ changes, name }: { changes: readonly number[]; name: string }) => [...changes.map((by) => ({ by })), new Renamed({ name })],
  },
})<{ by: number }> {}

class Notebook extends AggregateRoot {
  static readonly type = "Notebook";
  readonly notes: fc.JsonValue[] = [];
  readonly seen: string[] = [];

  constructor(id: string) {
    super(id);
    this.register(Noted, ({ what }) => void this.notes.push(what));
    this.register(Changed, ({ by }) => void this.seen.push(`changed by ${by}`));
    this.register(Renamed, ({ name }) => void this.seen.push(`renamed ${name}`));
  }

  note(what: fc.JsonValue): void {
    this.raise(new Noted({ what }));
  }
}

const notes = boundedContext("notes", { aggregates: [Notebook], events: [Noted, Changed, Renamed] });

describe.each(everyStore)("what comes back from $name", ({ open }) => {
  it("G3: is any payload as it was, under its type, with the metadata that it had and what its save added", async () => {
    const connected = connect(notes, await open());
    const notebooks = connected.repository(Notebook);
    const values = fc.sample(fc.jsonValue({ stringUnit: "binary" }), { numRuns: 200, seed: 3 });
    const notebook = new Notebook("n-1");
    for (const what of values) notebook.note(what);
    const raised = notebook.pendingEvents;
    await notebooks.save(notebook);

    const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
    expect((await notebooks.getById("n-1")).notes).toEqual(plain(values));
    const stored = await storedIn(connected.store, "notes.notebook-n-1");
    expect(new Set(stored.map(({ type, schemaVersion }) => `${type} ${schemaVersion}`))).toEqual(new Set(["Noted 1"]));
    const read = (await Promise.all(stored.map(async (event) => connected.serializer.deserialize(event)))).flat();
    expect(read.every((event) => event instanceof Noted)).toBe(true);
    const saved = { commitId: expect.any(String), aggregate: { type: "Notebook", id: "n-1" } };
    expect(read.map((event) => metadataOf(event))).toEqual(raised.map((event) => Object.assign({}, metadataOf(event), saved)));
  });

  it("G5: is read as an event of another class when it is handed on under that type: the fields that both have are filled", async () => {
    const { accounts, bank, store } = openBank(await open());
    const account = new Account("a-1");
    account.receiveGift(5, "Ann");
    await accounts.save(account);
    const [stored] = await storedIn(store, "banking.account-a-1");
    const [gift] = stored === undefined ? [] : await bank.serializer.deserialize(stored);
    const [deposit] = stored === undefined ? [] : await bank.serializer.deserialize(stored.with({ type: "AmountDeposited" }));
    expect(gift).toBeInstanceOf(GiftReceived);
    expect(deposit).toBeInstanceOf(AmountDeposited);
    expect(deposit).not.toBeInstanceOf(GiftReceived);
    expect(deposit).toMatchObject({ accountId: "a-1", amount: 5 });
  });

  it("G10: is an old event as the several that it has become, and counts as one version", async () => {
    const connected = connect(notes, await open());
    const data = '{"changes":[5,-3],"name":"Ann"}';
    const old = { id: "0198b2a4-0000-7000-8000-000000000001", type: "Changed", schemaVersion: 1, contentType: "application/json", data };
    await connected.store.append("notes.notebook-n-1", [{ ...old, metadata: "{}" }], { expectedVersion: "noStream" });
    const notebook = await connected.repository(Notebook).getById("n-1");
    expect(notebook.seen).toEqual(["changed by 5", "changed by -3", "renamed Ann"]);
    expect(notebook.expectedVersion).toBe(0);
  });
});
