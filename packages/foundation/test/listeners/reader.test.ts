import {
  after,
  createReader,
  FeedFaulted,
  FeedNotFound,
  InvalidArgument,
  position,
  version,
  type Checkpoint,
  type EventFeed,
  type Position,
  type Version,
} from "@reactive-domain/foundation";
import { injectFaults } from "@reactive-domain/testing";
import { createInMemoryStore } from "@reactive-domain/persistence/in-memory";
import { describe, expect, it } from "vitest";
import { Account, AccountOpened, AmountDeposited, AmountWithdrawn, accountWith, openBank } from "../banking.ts";
import { deposits, noted, openWith, virtually } from "./noted.ts";

const STREAM = "banking.account-a-1";

/** A reader of a stream of ten events, behind two of another. */
async function openReader(feedOf: (bank: ReturnType<typeof openBank>["bank"]) => EventFeed = (bank) => bank.aggregate(Account, "a-1")) {
  const opened = openBank();
  await opened.accounts.save(accountWith("a-2", 1, 1));
  await openWith(10, opened);
  const reader = createReader(feedOf(opened.bank));
  return { ...opened, reader, entries: noted(reader) };
}

const at = (place: number): Checkpoint => ({ feed: "Account a-1 of banking", version: version(place), position: null });

describe("a reader of a stream of ten events", () => {
  it(
    "I1: handles the four behind version 5",
    virtually(async () => {
      const { reader, entries } = await openReader();
      expect(await reader.read({ from: after(version(5)) })).toEqual({ events: 4, ending: "end" });
      expect(entries).toEqual(deposits(6, 9));
      expect(reader.checkpoint).toEqual({ feed: "Account a-1 of banking", version: 9, position: 11 });
    }),
  );

  it(
    "I1: handles none behind the last, and tells so",
    virtually(async () => {
      const { reader, entries } = await openReader();
      expect(await reader.read({ from: after(version(9)) })).toEqual({ events: 0, ending: "end" });
      expect(entries).toEqual([]);
    }),
  );

  it(
    "I1: handles the five before version 5 backwards",
    virtually(async () => {
      const { reader, entries } = await openReader();
      expect(await reader.read({ from: after(version(5)), direction: "backwards" })).toEqual({ events: 5, ending: "end" });
      expect(entries).toEqual(deposits(4, 0));
      expect(reader.checkpoint).toMatchObject({ version: 0, position: 2 });
    }),
  );

  it(
    "I1: handles as many as are asked for at most",
    virtually(async () => {
      const { reader, entries } = await openReader();
      expect(await reader.read({ count: 3 })).toEqual({ events: 3, ending: "count" });
      expect(await reader.read({ from: after(version(7)), count: 3 })).toEqual({ events: 2, ending: "end" });
      expect(await reader.read({ direction: "backwards", count: 2 })).toEqual({ events: 2, ending: "count" });
      expect(entries).toEqual([...deposits(0, 2), ...deposits(8, 9), ...deposits(9, 8)]);
    }),
  );

  it(
    "I1: goes on from its own checkpoint, by version or by position",
    virtually(async () => {
      const { reader, entries } = await openReader();
      await reader.read({ count: 6 });
      expect(await reader.read({ from: reader.checkpoint })).toEqual({ events: 4, ending: "end" });
      expect(await reader.read({ from: { ...reader.checkpoint, version: null, position: position(4) }, count: 1 })).toMatchObject({
        events: 1,
      });
      expect(entries).toEqual([...deposits(0, 9), ...deposits(3, 3)]);
    }),
  );

  it(
    "I1: goes backwards from a checkpoint with a version, and from none that has only a position",
    virtually(async () => {
      const { reader, entries } = await openReader();
      await reader.read({ from: at(2), direction: "backwards" });
      expect(entries).toEqual(deposits(1, 0));
      const placed = { feed: "Account a-1 of banking", version: null, position: position(4) };
      await expect(reader.read({ from: placed, direction: "backwards" })).rejects.toBeInstanceOf(InvalidArgument);
    }),
  );

  it(
    "reads up to a place, and from a checkpoint of nothing all",
    virtually(async () => {
      const { reader, entries } = await openReader();
      const nothing = { feed: "Account a-1 of banking", version: null, position: null };
      expect(await reader.read({ from: nothing, upTo: { version: version(1) } })).toEqual({ events: 2, ending: "end" });
      expect(await reader.read({ from: nothing, direction: "backwards", count: 1 })).toEqual({ events: 1, ending: "count" });
      expect(entries).toEqual([...deposits(0, 1), ...deposits(9, 9)]);
    }),
  );

  it(
    "reads nothing from its end, nor backwards from its start",
    virtually(async () => {
      const { reader } = await openReader();
      expect(await reader.read({ from: "end" })).toEqual({ events: 0, ending: "end" });
      expect(await reader.read({ from: "start", direction: "backwards" })).toEqual({ events: 0, ending: "end" });
    }),
  );
});

describe("a reader of several streams", () => {
  it(
    "I1: goes by position, and its checkpoint has no version",
    virtually(async () => {
      const { reader, entries } = await openReader((bank) => bank.category(Account));
      expect(await reader.read({ from: after(position(9)) })).toEqual({ events: 2, ending: "end" });
      expect(reader.checkpoint).toEqual({ feed: "category Account of banking", version: null, position: 11 });
      expect(await reader.read({ from: reader.checkpoint, direction: "backwards", count: 1 })).toEqual({ events: 1, ending: "count" });
      expect(entries).toEqual([...deposits(8, 9), "AmountDeposited 8"]);
    }),
  );

  it(
    "I3: refuses a checkpoint that has only a version, or is of another feed",
    virtually(async () => {
      const { reader } = await openReader((bank) => bank.category(Account));
      const own = { feed: "category Account of banking", version: version(3), position: null };
      await expect(reader.read({ from: own })).rejects.toThrow("one with a position");
      await expect(reader.read({ from: at(3) })).rejects.toThrow("a checkpoint of category Account of banking");
    }),
  );
});

describe("a reader of what is not there", () => {
  it(
    "I2: handles nothing of a stream that is missing, and has no place before the first event",
    virtually(async () => {
      const { bank } = openBank();
      const reader = createReader(bank.aggregate(Account, "a-1"));
      const entries = noted(reader);
      for (const from of ["start", "end", after(version(3)), at(3)] as const)
        expect(await reader.read({ from })).toEqual({ events: 0, ending: "end" });
      expect(entries).toEqual([]);
      expect(reader.checkpoint).toEqual({ feed: "Account a-1 of banking", version: null, position: null });
    }),
  );

  it(
    "I2: handles nothing of a stream that was deleted, or deleted for ever",
    virtually(async () => {
      for (const kind of ["delete", "tombstone"] as const) {
        const { store, reader, entries } = await openReader();
        await store.write([{ kind, stream: STREAM, expectedVersion: "exists" }]);
        expect(await reader.read()).toEqual({ events: 0, ending: "end" });
        expect(entries).toEqual([]);
        expect(reader.checkpoint).toMatchObject({ version: null, position: null });
      }
    }),
  );

  it(
    "I2: handles nothing behind a checkpoint past the end",
    virtually(async () => {
      const { reader, entries } = await openReader();
      expect(await reader.read({ from: after(version(100)) })).toEqual({ events: 0, ending: "end" });
      expect(await reader.read({ from: at(100) })).toEqual({ events: 0, ending: "end" });
      expect(entries).toEqual([]);
    }),
  );

  it(
    "I2: is refused where it must exist: a stream, a deleted one, a category, a type, everything",
    virtually(async () => {
      const { bank, accounts, store } = openBank();
      const feeds = [
        bank.aggregate(Account, "a-1"),
        bank.category(Account),
        bank.eventType(AmountDeposited),
        bank.all(),
        bank.stream(STREAM),
      ];
      for (const feed of feeds) {
        const failure = await createReader(feed)
          .read({ mustExist: true })
          .catch((error: unknown) => error);
        expect(failure).toBeInstanceOf(FeedNotFound);
        expect(failure).toMatchObject({ code: "feed-not-found", details: { feed: feed.name } });
      }
      await accounts.save(accountWith("a-1", 1));
      for (const feed of feeds) expect(await createReader(feed).read({ mustExist: true })).toMatchObject({ events: 1 });
      await store.write([{ kind: "delete", stream: STREAM, expectedVersion: "exists" }]);
      await expect(createReader(bank.aggregate(Account, "a-1")).read({ mustExist: true })).rejects.toBeInstanceOf(FeedNotFound);
      await expect(createReader(bank.eventType(AmountWithdrawn)).read({ mustExist: true })).rejects.toBeInstanceOf(FeedNotFound);
    }),
  );
});

describe("a reader is refused", () => {
  it.each([
    ["a negative version", { from: { after: -1 as Version } }],
    ["a negative position", { from: { feed: "Account a-1 of banking", version: null, position: -1 as Position } }],
    ["a place that is no number", { from: { after: Number.NaN as Version } }],
    ["a place that is none", { from: "middle" as never }],
    ["a count of 0", { count: 0 }],
    ["a negative count", { count: -1 }],
    ["half an event", { count: 1.5 }],
    ["a direction that is none", { direction: "sideways" as never }],
    ["an option that nobody knows", { form: "end" } as never],
  ])("I3: %s", async (_, options) => {
    const { reader, entries } = await openReader();
    await expect(reader.read(options)).rejects.toBeInstanceOf(InvalidArgument);
    expect(entries).toEqual([]);
  });

  it("what is no feed, and what is no handler", async () => {
    expect(() => createReader({} as EventFeed)).toThrow(InvalidArgument);
    const { reader } = await openReader();
    expect(() => reader.on(AmountDeposited, undefined as never)).toThrow(InvalidArgument);
  });
});

describe("a read that is ended early", () => {
  it(
    "I4: from a handler handles no further event",
    virtually(async () => {
      const { reader, entries } = await openReader();
      reader.on(AmountDeposited, (_, context) => {
        if (context.version === 4) reader.stop();
      });
      expect(await reader.read()).toEqual({ events: 5, ending: "stopped" });
      expect(entries).toEqual(deposits(0, 4));
      expect(reader.checkpoint).toMatchObject({ version: 4 });
    }),
  );

  it(
    "I4: can be gone on with",
    virtually(async () => {
      const { reader, entries } = await openReader();
      let stops = 1;
      reader.on(AmountDeposited, () => {
        if (stops-- > 0) reader.stop();
      });
      await reader.read();
      expect(await reader.read({ from: reader.checkpoint })).toEqual({ events: 9, ending: "end" });
      expect(entries).toEqual(deposits(0, 9));
    }),
  );

  it(
    "I4: from outside, while the store is asked, handles nothing",
    virtually(async () => {
      const { reader, entries } = await openReader();
      const reading = reader.read();
      reader.stop();
      const early = await reading;
      expect(early).toEqual({ events: 0, ending: "stopped" });
      expect(entries).toEqual([]);
    }),
  );

  it(
    "I4: by its signal rejects with the signal's reason, behind the event at hand",
    virtually(async () => {
      const { reader, entries } = await openReader();
      const abort = new AbortController();
      reader.on(AmountDeposited, (_, context) => {
        if (context.version === 2) abort.abort(new Error("enough"));
      });
      await expect(reader.read({ signal: abort.signal })).rejects.toThrow("enough");
      expect(entries).toEqual(deposits(0, 2));
      await expect(reader.read({ signal: abort.signal })).rejects.toThrow("enough");
      expect(entries).toHaveLength(3);
    }),
  );
});

describe("a read", () => {
  it(
    "that fails in a handler tells where, and may be gone on with behind the last event that was handled",
    virtually(async () => {
      const { reader, entries } = await openReader();
      let isBroken = true;
      reader.on(AmountDeposited, (_, context) => {
        if (context.version === 3 && isBroken) throw new Error("not three");
      });
      const failure = await reader.read().catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(FeedFaulted);
      expect(failure).toMatchObject({
        cause: new Error("not three"),
        details: { owner: "The reader", feed: "Account a-1 of banking", where: `at position 5 (AmountDeposited, version 3 of ${STREAM})` },
      });
      expect(reader.checkpoint).toMatchObject({ version: 2, position: 4 });
      isBroken = false;
      expect(await reader.read({ from: reader.checkpoint })).toMatchObject({ events: 7 });
      expect(entries).toEqual([...deposits(0, 2), ...deposits(3, 3), ...deposits(3, 9)]);
    }),
  );

  it(
    "rejects with the error of the store",
    virtually(async () => {
      const faults = injectFaults(createInMemoryStore());
      const { bank } = await openWith(4, openBank(faults.store));
      const reader = createReader(bank.category(Account));
      const entries = noted(reader);
      faults.failReads({ error: new Error("no disk") });
      await expect(reader.read()).rejects.toThrow("no disk");
      expect(entries).toEqual([]);
      expect(await reader.read()).toEqual({ events: 4, ending: "end" });
    }),
  );

  it(
    "waits for the one before",
    virtually(async () => {
      const { reader, entries } = await openReader();
      const outcomes = await Promise.all([reader.read({ count: 4 }), reader.read({ from: after(version(7)) })]);
      expect(outcomes).toEqual([
        { events: 4, ending: "count" },
        { events: 2, ending: "end" },
      ]);
      expect(entries).toEqual([...deposits(0, 3), ...deposits(8, 9)]);
    }),
  );

  it(
    "counts events that have no handler",
    virtually(async () => {
      const { bank, accounts } = openBank();
      const account = accountWith("a-1", 1);
      account.open("Ada");
      await accounts.save(account);
      const reader = createReader(bank.aggregate(Account, "a-1"));
      const owners: string[] = [];
      reader.on(AccountOpened, ({ owner }) => owners.push(owner));
      expect(await reader.read()).toEqual({ events: 2, ending: "end" });
      expect(owners).toEqual(["Ada"]);
    }),
  );
});
