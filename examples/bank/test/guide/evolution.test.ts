import {
  AggregateRoot,
  boundedContext,
  connect,
  createInMemoryStore,
  Event,
  EventBase,
  type EventStore,
  type MessageClass,
} from "@reactive-domain/foundation";
import * as v from "valibot";
import { describe, expect, it } from "vitest";

// #region optional
class AddressChanged extends Event("AddressChanged", {
  schema: v.object({
    city: v.string(),
    country: v.optional(v.string()), // since 2027; older events have none
  }),
}) {}
// #endregion

// #region chain
class OrderPlaced extends Event("OrderPlaced", {
  version: 3,
  upcasters: {
    1: (old: { item: string }) => ({ items: [old.item] }), // from 1 to 2: there may be several
    2: (old: { items: string[] }) => ({ lines: old.items.map((item) => ({ item, quantity: 1 })) }), // from 2 to 3
  },
})<{ lines: { item: string; quantity: number }[] }> {}
// #endregion

// #region split
class PersonMoved extends Event("PersonMoved")<{ city: string }> {}
class PersonRenamed extends Event("PersonRenamed", {
  version: 2,
  upcasters: {
    // It used to tell both. The first of a list has the id of the stored event, the others have ids that follow from it.
    1: ({ name, city }: { name: string; city: string }) => [{ name }, new PersonMoved({ city })],
  },
})<{ name: string }> {}
// #endregion

// #region replace
class EmailConfirmed extends Event("EmailConfirmed")<{ email: string }> {}

/** What `EmailConfirmed` was called before. Nothing raises it any more. */
class MailVerified extends Event("MailVerified", {
  version: 2,
  upcasters: { 1: ({ address }: { address: string }) => new EmailConfirmed({ email: address }) },
})<{ address: string }> {}
// #endregion

// #region none
class CursorMoved extends Event("CursorMoved", { version: 2, upcasters: { 1: () => [] } })<{ x: number }> {}
// #endregion

/** Remembers whatever happens. */
class Journal extends AggregateRoot {
  static readonly type = "Journal";
  readonly seen: EventBase[] = [];

  constructor(id: string) {
    super(id);
    this.register(EventBase, (event) => void this.seen.push(event));
  }
}

const events: readonly MessageClass<EventBase>[] = [
  AddressChanged,
  OrderPlaced,
  PersonMoved,
  PersonRenamed,
  EmailConfirmed,
  MailVerified,
  CursorMoved,
];
const journals = boundedContext("journals", { aggregates: [Journal], events });

async function storeWith(type: string, schemaVersion: number, data: object): Promise<EventStore> {
  const store = createInMemoryStore();
  const event = {
    id: crypto.randomUUID(),
    type,
    schemaVersion,
    contentType: "application/json",
    data: JSON.stringify(data),
    metadata: "{}",
  };
  await store.append("journals.journal-1", [event], { expectedVersion: "noStream" });
  return store;
}

async function readBack(type: string, schemaVersion: number, data: object): Promise<readonly EventBase[]> {
  const { seen } = await connect(journals, await storeWith(type, schemaVersion, data))
    .repository(Journal)
    .getById("1");
  return seen;
}

describe("the guide's evolution", () => {
  it.each([
    ["a field that is missing", ["AddressChanged", 1, { city: "Rome" }], [new AddressChanged({ city: "Rome" })]],
    ["a chain", ["OrderPlaced", 1, { item: "tea" }], [new OrderPlaced({ lines: [{ item: "tea", quantity: 1 }] })]],
    ["the rest of a chain", ["OrderPlaced", 2, { items: ["tea"] }], [new OrderPlaced({ lines: [{ item: "tea", quantity: 1 }] })]],
    [
      "one that is split",
      ["PersonRenamed", 1, { name: "Ann", city: "Rome" }],
      [new PersonRenamed({ name: "Ann" }), new PersonMoved({ city: "Rome" })],
    ],
    ["one that has another name", ["MailVerified", 1, { address: "ann@example.org" }], [new EmailConfirmed({ email: "ann@example.org" })]],
    ["one that is left out", ["CursorMoved", 1, { x: 1 }], []],
  ] as const)("reads %s", async (_, [type, schemaVersion, data], expected) => {
    const read = await readBack(type, schemaVersion, data);
    expect(read.map((event) => [event.constructor, { ...event }])).toEqual(expected.map((event) => [event.constructor, { ...event }]));
  });

  it("is checked when a program starts", async () => {
    const store = await storeWith("OrderPlaced", 4, {});
    // #region verify
    const refused = await connect(journals, store)
      .verify()
      .catch((error: unknown) => error); // context-incomplete, with all that was found
    // #endregion
    expect(refused).toMatchObject({ code: "context-incomplete", problems: [expect.stringContaining("Run the newest program.")] });
    await expect(connect(journals, store).repository(Journal).getById("1")).rejects.toMatchObject({ code: "corrupt-event" });
  });

  it("is checked when a class is declared, and when a context connects", () => {
    const gap = (): unknown => Event("Gap", { version: 3, upcasters: { 1: (old: object) => old } });
    expect(gap).toThrow("without a gap");
    class Late extends Event("Late", { version: 3, upcasters: { 2: (old: object) => old } })<{ x: number }> {}
    const late = boundedContext("late", { aggregates: [], events: [Late] });
    expect(() => connect(late, createInMemoryStore())).toThrow("first upcaster of Late");
  });
});
