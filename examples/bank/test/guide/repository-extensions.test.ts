import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { gunzipSync, gzipSync } from "node:zlib";
import {
  connect,
  createInMemoryStore,
  createJsonEventSerializer,
  type EventSerializer,
  type EventStore,
  type RecordedEvent,
  type StreamNameBuilder,
} from "@reactive-domain/foundation";
import { expect, it } from "vitest";
import { Account, banking } from "../first-steps/account.ts";

// #region names
/** The streams of a tenant: `north.bank.account-7`. */
function namesOf(tenant: string): StreamNameBuilder {
  const prefix = `${tenant}.bank.`; // all names begin so: what the context sees
  const forCategory = (type: string): string => `${prefix}${type.toLowerCase()}`;
  return { prefix, forCategory, forAggregate: (type, id) => `${forCategory(type)}-${id}` }; // the category is all up to the first dash
}
// #endregion

// #region serializer
const SEALED = "application/vnd.bank.sealed";

/** Keeps the data of events compressed and encrypted. What tells the store about an event, and its metadata, stays readable. */
function sealing(inner: EventSerializer, key: Buffer): EventSerializer {
  return {
    async serialize(event, context) {
      const made = await inner.serialize(event, context);
      const nonce = randomBytes(12);
      const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(Buffer.from(`${context.stream} ${made.id}`));
      const sealed = Buffer.concat([cipher.update(gzipSync(made.data)), cipher.final()]);
      return { ...made, contentType: SEALED, data: Buffer.concat([nonce, cipher.getAuthTag(), sealed]) };
    },
    deserialize(event) {
      if (event.contentType !== SEALED) return inner.deserialize(event); // written before there was a key
      const data = Buffer.from(event.data);
      const cipher = createDecipheriv("aes-256-gcm", key, data.subarray(0, 12)).setAuthTag(data.subarray(12, 28));
      cipher.setAAD(Buffer.from(`${event.stream} ${event.id}`)); // an event that was moved elsewhere is refused
      const opened = gunzipSync(Buffer.concat([cipher.update(data.subarray(28)), cipher.final()]));
      return inner.deserialize(event.with({ contentType: "application/json", data: opened }));
    },
  };
}
// #endregion

async function storedIn(store: EventStore, stream: string): Promise<readonly RecordedEvent[]> {
  const events: RecordedEvent[] = [];
  for await (const event of store.read({ stream })) events.push(event);
  return events;
}

function accountWith(amount: number): Account {
  const account = new Account("7");
  account.open("Ann");
  account.deposit(amount);
  return account;
}

it("streams may be named otherwise", async () => {
  const store = createInMemoryStore();
  // #region named
  const north = connect(banking, store, { streamNames: namesOf("north") });
  const south = connect(banking, store, { streamNames: namesOf("south") });
  // #endregion
  await north.repository(Account).save(accountWith(5));
  expect(await storedIn(store, "north.bank.account-7")).toHaveLength(2);
  expect(await south.repository(Account).tryGetById("7")).toBeUndefined();
  const { source } = north.category(Account);
  expect(source).toEqual({ category: "north.bank.account" });
  expect(north.all().filter).toEqual({ streamPrefix: "north.bank." });
});

it("events may be kept otherwise, beside those that are there", async () => {
  const store = createInMemoryStore();
  await connect(banking, store).repository(Account).save(accountWith(5));
  const key = randomBytes(32);
  // #region sealed
  const bank = connect(banking, store, { serializer: sealing(createJsonEventSerializer(banking.events), key) });
  // #endregion
  const accounts = bank.repository(Account);
  await accounts.update("7", (account) => account.withdraw(5));
  const [, clear, sealed] = await storedIn(store, "banking.account-7");
  expect([clear?.contentType, sealed?.contentType]).toEqual(["application/json", SEALED]);
  expect(Buffer.from(sealed?.data ?? "").includes("amount")).toBe(false);
  await expect(accounts.update("7", (account) => account.withdraw(5))).rejects.toThrow("less than");
  const moved = sealed && { ...sealed.toJSON(), stream: "banking.account-8" };
  const { id, type, schemaVersion, contentType, data, metadata } = moved ?? {};
  const copied = { id, type, schemaVersion, contentType, data, metadata } as never;
  await store.append("banking.account-8", [copied], { expectedVersion: "noStream" });
  await expect(accounts.getById("8")).rejects.toThrow("authenticate");
  const others = connect(banking, store, { serializer: sealing(createJsonEventSerializer(banking.events), randomBytes(32)) });
  await expect(others.repository(Account).getById("7")).rejects.toThrow("authenticate");
});
