import { openPostgresStore } from "@reactive-domain/postgres";
import { collect, newEvent } from "@reactive-domain/store-tests";
import { postgresServers, temporarySchema } from "@reactive-domain/test-servers";
import { describe, expect, it } from "vitest";

/** The sign that stands between packed texts, the one that escapes it, and what follows that. */
const SIGNS = "\u001E\u001B\u001BS\u001BE\u001E";
/** Some events have them in one text only, one in all. */
const EVENTS = [
  newEvent(),
  newEvent({ type: `Type${SIGNS}` }),
  newEvent({ contentType: `text/${SIGNS}` }),
  newEvent({ metadata: `{"a":"${SIGNS}"}` }),
  newEvent({ data: SIGNS }),
  newEvent({ data: "" }),
  newEvent({ metadata: "" }),
  newEvent({ data: `${SIGNS}\0` }),
  newEvent({ data: Buffer.from(SIGNS) }),
  newEvent({ data: new Uint8Array() }),
  newEvent({ type: `All${SIGNS}`, contentType: SIGNS, metadata: SIGNS, data: SIGNS }),
];
const STREAM = `account-${SIGNS}`;

describe.each(await postgresServers())("texts with the sign that packed texts are divided by on $name", ({ url }) => {
  it.each([{ stream: STREAM }, { all: true }, { category: "account" }] as const)("come back as they were from %o", async (source) => {
    await using store = await openPostgresStore(url, { schema: temporarySchema(url) });
    await store.append(STREAM, EVENTS, { expectedVersion: "noStream" });
    const seen = [];
    for await (const { stream, id, type, contentType, metadata, data } of store.read(source))
      seen.push({ stream, id, type, contentType, metadata, data: typeof data === "string" ? data : [...data] });
    expect(seen).toEqual(
      EVENTS.map(({ id, type, contentType, metadata, data }) => {
        return { stream: STREAM, id, type, contentType, metadata, data: typeof data === "string" ? data : [...data] };
      }),
    );
  });

  it("leave the pages of other streams as they are, which are read with them", async () => {
    await using store = await openPostgresStore(url, { schema: temporarySchema(url) });
    await store.append(STREAM, EVENTS, { expectedVersion: "noStream" });
    const others = Array.from({ length: 5 }, (_, index) => `other-${index}`);
    for (const stream of others) await store.append(stream, [newEvent(), newEvent()], { expectedVersion: "noStream" });
    const lengths = await Promise.all([STREAM, "nothing", ...others].map(async (stream) => (await collect(store, { stream })).length));
    expect(lengths).toEqual([EVENTS.length, 0, 2, 2, 2, 2, 2]);
  });
});
