import { eventTypeFilter, excludeSystemEvents, jsonEvent, streamNameFilter, type Filter } from "@kurrent/kurrentdb-client";
import { everyStore } from "@reactive-domain/store-tests/every-store";
import { describe, expect, it } from "vitest";
import { collect } from "../collect.ts";
import { refusalOf } from "../refusal-of.ts";
import { connect, numbered } from "./connect.ts";

const WRITTEN = [
  ["account-1", "opened"],
  ["accounts-1", "opened-again"],
  ["savings-1", "deposited"],
  ["account-2", "closed"],
  ["Account-3", "opened"],
  ["счёт-1", "открыт"],
] as const;

describe.each(everyStore)("the log on $name", ({ open }) => {
  it("is read forwards and backwards, from both ends and from any position, as far as is asked", async () => {
    const client = await connect(open);
    await client.appendToStream("account-1", numbered(2));
    await client.appendToStream("account-2", numbered(2));
    await client.appendToStream("account-1", numbered(1));
    const entries = await collect(client.readAll());
    const names = (list: typeof entries) => list.map(({ event }) => `${event?.revision}@${event?.streamId}`);
    expect(names(entries)).toEqual(["0@account-1", "1@account-1", "0@account-2", "1@account-2", "2@account-1"]);
    const fromPosition = entries[2]?.event?.position ?? "end";
    expect({
      two: names(await collect(client.readAll({ maxCount: 2 }))),
      fromPosition: names(await collect(client.readAll({ fromPosition }))),
      oneFromPosition: await collect(client.readAll({ fromPosition, maxCount: 1 })),
      backwards: names(await collect(client.readAll({ direction: "backwards", fromPosition: "end" }))),
      last: names(await collect(client.readAll({ direction: "backwards", fromPosition: "end", maxCount: 1 }))),
      backwardsFromPosition: names(await collect(client.readAll({ direction: "backwards", fromPosition }))),
    }).toEqual({
      two: ["0@account-1", "1@account-1"],
      fromPosition: ["0@account-2", "1@account-2", "2@account-1"],
      oneFromPosition: [entries[2]],
      backwards: names(entries).toReversed(),
      last: ["2@account-1"],
      backwardsFromPosition: ["1@account-1", "0@account-1"],
    });
  });

  it("has positions that grow, and each event once", async () => {
    const client = await connect(open);
    for (let part = 0; part < 4; part++) await client.appendToStream(`account-${part % 2}`, numbered(600));
    const positions = (await collect(client.readAll())).map(({ event }) => event?.position.commit ?? -1n);
    expect(positions).toHaveLength(2400);
    expect(positions.every((position, index) => index === 0 || position > (positions[index - 1] ?? position))).toBe(true);
    const read: bigint[] = [];
    for (let from: "start" | { commit: bigint; prepare: bigint } = "start"; read.length < 2400;) {
      const page = await collect(client.readAll({ fromPosition: from, maxCount: 701 }));
      const places = page.map(({ event }) => event?.position.commit ?? -1n).filter((position) => position > (read.at(-1) ?? -1n));
      read.push(...places);
      const last = read.at(-1) ?? 0n;
      from = { commit: last, prepare: last };
    }
    expect(read).toEqual(positions);
  });

  it("of an empty store has nothing", async () => {
    const client = await connect(open);
    const read = [await collect(client.readAll()), await collect(client.readAll({ direction: "backwards", fromPosition: "end" }))];
    expect(read).toEqual([[], []]);
  });

  it("is filtered by the names of streams and the types of events, forwards and backwards", async () => {
    const client = await connect(open);
    for (const [stream, type] of WRITTEN) await client.appendToStream(stream, jsonEvent({ type, data: {} }));
    const filters: Record<string, Filter> = {
      onePrefix: streamNameFilter({ prefixes: ["account-"] }),
      twoPrefixes: streamNameFilter({ prefixes: ["account-", "savings-"] }),
      unicodePrefix: streamNameFilter({ prefixes: ["сч"] }),
      nameRegex: streamNameFilter({ regex: "^accounts?-1$" }),
      nameRegexInTheMiddle: streamNameFilter({ regex: "ount-[23]" }),
      typePrefix: eventTypeFilter({ prefixes: ["opened"] }),
      typePrefixes: eventTypeFilter({ prefixes: ["deposited", "открыт"] }),
      typeRegex: eventTypeFilter({ regex: "^opened$|^closed$" }),
      nothing: eventTypeFilter({ prefixes: ["never"] }),
    };
    const expected: Record<string, readonly string[]> = {
      onePrefix: ["account-1", "account-2"],
      twoPrefixes: ["account-1", "savings-1", "account-2"],
      unicodePrefix: ["счёт-1"],
      nameRegex: ["account-1", "accounts-1"],
      nameRegexInTheMiddle: ["account-2", "Account-3"],
      typePrefix: ["account-1", "accounts-1", "Account-3"],
      typePrefixes: ["savings-1", "счёт-1"],
      typeRegex: ["account-1", "account-2", "Account-3"],
      nothing: [],
    };
    for (const [name, filter] of Object.entries(filters)) {
      const forwards = (await collect(client.readAll({ filter }))).map(({ event }) => event?.streamId);
      const backwards = (await collect(client.readAll({ filter, direction: "backwards", fromPosition: "end" }))).map(
        ({ event }) => event?.streamId,
      );
      const first = (await collect(client.readAll({ filter, maxCount: 1 }))).map(({ event }) => event?.streamId);
      expect({ name, forwards, backwards, first }).toEqual({
        name,
        forwards: expected[name],
        backwards: expected[name]?.toReversed(),
        first: expected[name]?.slice(0, 1),
      });
    }
  });

  it("is searched to its end for a few among many, and counts what matches alone", async () => {
    const client = await connect(open);
    for (let part = 0; part < 3; part++) {
      await client.appendToStream("noise-1", numbered(900));
      await client.appendToStream("rare-1", numbered(2, "rare"));
    }
    const byName = await collect(client.readAll({ filter: streamNameFilter({ prefixes: ["rare-"], maxSearchWindow: 64 }), maxCount: 5 }));
    const byType = await collect(
      client.readAll({ filter: eventTypeFilter({ regex: "^rare$" }), direction: "backwards", fromPosition: "end", maxCount: 5 }),
    );
    expect(byName.map(({ event }) => event?.revision)).toEqual([0n, 1n, 2n, 3n, 4n]);
    expect(byType.map(({ event }) => event?.revision)).toEqual([5n, 4n, 3n, 2n, 1n]);
  });

  it("is not searched by what is no regular expression, which is told at once", async () => {
    const client = await connect(open);
    await client.appendToStream("account-1", numbered(1));
    for (const filter of [streamNameFilter({ regex: "(" }), eventTypeFilter({ regex: "[z-a]" })])
      expect(await refusalOf(collect(client.readAll({ filter })))).toHaveProperty("type");
    expect(await collect(client.readAll())).toHaveLength(1);
  });

  it("has system events, which may be left out", async () => {
    const client = await connect(open);
    await client.appendToStream("account-1", numbered(1));
    await client.setStreamMetadata("account-1", { maxCount: 10 });
    await client.appendToStream("account-2", numbered(1));
    await client.deleteStream("account-1");
    await client.tombstoneStream("account-2");
    const shown = (entries: Awaited<ReturnType<typeof collect<{ event?: { streamId: string; type: string } }>>>) =>
      entries.map(({ event }) => `${event?.type}@${event?.streamId}`);
    expect(shown(await collect(client.readAll()))).toEqual([
      "counted@account-1",
      "$metadata@$$account-1",
      "counted@account-2",
      "$metadata@$$account-1",
      "$streamDeleted@account-2",
    ]);
    expect(shown(await collect(client.readAll({ filter: excludeSystemEvents() })))).toEqual(["counted@account-1", "counted@account-2"]);
    expect(shown(await collect(client.readAll({ filter: eventTypeFilter({ prefixes: ["$metadata"] }) })))).toHaveLength(2);
    expect(shown(await collect(client.readAll({ filter: streamNameFilter({ prefixes: ["account-2"] }) })))).toEqual([
      "counted@account-2",
      "$streamDeleted@account-2",
    ]);
  });
});
