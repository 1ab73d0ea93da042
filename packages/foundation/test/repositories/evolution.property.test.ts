import { AggregateRoot, boundedContext, connect, Event, type EventStore } from "@reactive-domain/foundation";
import { everyStore } from "@reactive-domain/store-tests/every-store";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

class Fee extends Event("Fee")<{ accountId: string; cents: number }> {}
/** Version 1 was in euros and had a fee within; version 2 was in cents and still had it. */
class Paid extends Event("Paid", {
  version: 3,
  upcasters: {
    1: (old: { account: string; euros: number; fee: number }) => ({ account: old.account, cents: old.euros * 100, fee: old.fee * 100 }),
    2: (old: { account: string; cents: number; fee: number }) => [
      { accountId: old.account, cents: old.cents },
      ...(old.fee === 0 ? [] : [new Fee({ accountId: old.account, cents: old.fee })]),
    ],
  },
})<{ accountId: string; cents: number }> {}

class Purse extends AggregateRoot {
  static readonly type = "Purse";
  readonly #entries: string[] = [];

  constructor(id: string) {
    super(id);
    this.register(Paid, (event) => void this.#entries.push(`paid ${event.cents} by ${event.accountId}`));
    this.register(Fee, (event) => void this.#entries.push(`fee ${event.cents} of ${event.accountId}`));
  }

  get entries(): readonly string[] {
    return [...this.#entries];
  }
}

const purses = boundedContext("purses", { aggregates: [Purse], events: [Paid, Fee] });
const payment = fc.record({
  schemaVersion: fc.integer({ min: 1, max: 3 }),
  account: fc.constantFrom("a", "b"),
  euros: fc.integer({ min: 1, max: 9 }),
  fee: fc.integer({ min: 0, max: 2 }),
});
type Payment = typeof payment extends fc.Arbitrary<infer T> ? T : never;

/** A payment as programs of its version stored it; one of version 3 stored its fee as an event of its own. */
function stored({ schemaVersion, account, euros, fee }: Payment) {
  const cents = euros * 100;
  const data = [
    { account, euros, fee },
    { account, cents, fee: fee * 100 },
    { accountId: account, cents },
  ][schemaVersion - 1];
  const paid = {
    id: crypto.randomUUID(),
    type: "Paid",
    schemaVersion,
    contentType: "application/json",
    data: JSON.stringify(data),
    metadata: "{}",
  };
  const own = { accountId: account, cents: fee * 100 };
  const isOwn = schemaVersion === 3 && fee > 0;
  return isOwn ? [paid, { ...paid, id: crypto.randomUUID(), type: "Fee", schemaVersion: 1, data: JSON.stringify(own) }] : [paid];
}

function expected({ account, euros, fee }: Payment): readonly string[] {
  return [`paid ${euros * 100} by ${account}`, ...(fee === 0 ? [] : [`fee ${fee * 100} of ${account}`])];
}

async function entriesOf(store: EventStore, payments: readonly Payment[]): Promise<readonly string[]> {
  await store.append("purses.purse-1", payments.flatMap(stored), { expectedVersion: "noStream" });
  return (await connect(purses, store).repository(Purse).getById("1")).entries;
}

describe.each(everyStore)("laws of evolution on $name", ({ name, open }) => {
  it("G10: events of all versions, brought up and folded, are the fold of the newest shapes", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(payment, { minLength: 1, maxLength: 30 }), async (payments) => {
        const newest = payments.map((one) => ({ ...one, schemaVersion: 3 }));
        const entries = await entriesOf(await open(), payments);
        expect(entries).toEqual(payments.flatMap(expected));
        expect(entries).toEqual(await entriesOf(await open(), newest));
      }),
      { numRuns: name === "memory" ? 100 : 8 },
    );
  });
});
