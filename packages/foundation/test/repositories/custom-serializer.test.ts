import { gunzipSync, gzipSync } from "node:zlib";
import {
  connect,
  createJsonEventSerializer,
  MessageBuilder,
  metadataOf,
  withRuntime,
  type EventSerializer,
} from "@reactive-domain/foundation";
import { createTestRuntime } from "@reactive-domain/testing";
import { everyStore } from "@reactive-domain/store-tests/every-store";
import { describe, expect, it } from "vitest";
import { Account, accountWith, banking, Deposit, openBank } from "../banking.ts";
import { storedIn } from "./stored-events.ts";

const STREAM = "banking.account-a-1";
const GZIP = "application/gzip";
const json = createJsonEventSerializer(banking.events);

/** Keeps bytes, under a content type of its own. */
const gzipping: EventSerializer = {
  async serialize(event, context) {
    const made = await json.serialize(event, context);
    return { ...made, contentType: GZIP, data: gzipSync(made.data) };
  },
  deserialize: (event) =>
    json.deserialize(event.contentType === GZIP ? event.with({ contentType: "application/json", data: gunzipSync(event.data) }) : event),
};

/** Stores under names that older programs gave, and reads those, too. */
const renaming: EventSerializer = {
  async serialize(event, context) {
    const made = await json.serialize(event, context);
    return { ...made, type: `Bank.${made.type}`, metadata: JSON.stringify({ ...JSON.parse(made.metadata), assembly: "Bank" }) };
  },
  deserialize: (event) => json.deserialize(event.with({ type: event.type.replace("Bank.", "") })),
};

describe.each(everyStore)("a serializer of the application's on $name", ({ open }) => {
  it("may keep bytes under a content type of its own, beside JSON that is there already", async () => {
    const store = await open();
    await connect(banking, store).repository(Account).save(accountWith("a-1", 10));
    const accounts = connect(banking, store, { serializer: gzipping }).repository(Account);
    const account = await accounts.getById("a-1");
    account.deposit(5);
    await accounts.save(account);
    const stored = await storedIn(store, STREAM);
    expect(stored.map(({ contentType }) => contentType)).toEqual(["application/json", GZIP]);
    expect(stored[1]?.data).toBeInstanceOf(Uint8Array);
    expect((await accounts.getById("a-1")).balance).toBe(15);
  });

  it("G4: may override the stored type and add to the metadata; on the way back it says what is built", async () => {
    const store = await open();
    const accounts = connect(banking, store, { serializer: renaming }).repository(Account);
    await accounts.save(accountWith("a-1", 10));
    const [stored] = await storedIn(store, STREAM);
    expect(stored?.type).toBe("Bank.AmountDeposited");
    expect(JSON.parse(stored?.metadata ?? "")).toMatchObject({ assembly: "Bank" });
    expect((await accounts.getById("a-1")).balance).toBe(10);
  });
});

describe("what is known of a stored event beside its payload", () => {
  it("G8, G9: is who did it and when, which aggregate and event it is, and what the application added; each save for itself", async () => {
    const test = createTestRuntime({ startMs: 1_000 });
    await withRuntime(test.runtime, async () => {
      const { bank, store } = openBank();
      const accounts = bank.correlatedRepository(Account);
      for (const [id, actor] of [
        ["a-1", "ann"],
        ["a-2", "bob"],
      ] as const) {
        const command = MessageBuilder.create(new Deposit({ accountId: id, amount: 5 }), { actor });
        const account = accounts.create(id, command);
        account.deposit(5);
        for (const event of account.pendingEvents) MessageBuilder.create(event, { custom: { branch: `of ${actor}` } });
        await test.clock.advanceBy(500);
        await accounts.save(account);
      }
      const seen: unknown[] = [];
      for await (const recorded of store.read({ all: true })) {
        const [event] = await bank.serializer.deserialize(recorded);
        if (event === undefined) continue;
        const { actor, custom, causationId } = metadataOf(event);
        const { stream, type, time } = recorded;
        seen.push({ stream, type, timeMs: time.getTime(), actor, custom, isCaused: causationId !== undefined });
      }
      const fact = { type: "AmountDeposited", isCaused: true };
      expect(seen).toEqual([
        { ...fact, stream: STREAM, timeMs: 1_500, actor: "ann", custom: { branch: "of ann" } },
        { ...fact, stream: "banking.account-a-2", timeMs: 2_000, actor: "bob", custom: { branch: "of bob" } },
      ]);
    });
  });
});
