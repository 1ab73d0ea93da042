import { version } from "@reactive-domain/core";
import { copyStore, type CheckResult } from "@reactive-domain/persistence";
import { expect } from "vitest";
import { fillStore } from "../fill-store.ts";
import { newEvent, newEvents } from "../new-event.ts";
import type { StoreCases, TestedStores } from "./store-cases.ts";

/** What a check of any store in SQL tells. */
export const MAINTENANCE_CHECKS: StoreCases = {
  "a check finds nothing in an empty store": async (stores) => {
    const place = stores.newPlace();
    await (await stores.open(place)).close();
    expect((await check(stores, place)).findings).toEqual([]);
  },

  "a check takes what deletion, metadata and scavenges leave as sound": async (stores) => {
    const place = stores.newPlace();
    await using store = await stores.open(place);
    for (const stream of ["account-1", "account-2", "account-3", "account-4"])
      await store.append(stream, newEvents(10), { expectedVersion: "noStream" });
    await store.write([
      { kind: "delete", stream: "account-1", expectedVersion: "exists" },
      { kind: "tombstone", stream: "account-2", expectedVersion: "exists" },
      { kind: "tombstone", stream: "never-there", expectedVersion: "any" },
      { kind: "metadata", stream: "account-3", metadata: { maxCount: 2 } },
      { kind: "metadata", stream: "never-written", metadata: { maxCount: 2 } },
    ]);
    const ofTheSystem = { systemStreams: true };
    for (const stream of ["$$account-1", "$settings"])
      await store.append(stream, newEvents(3, { type: "$metadata" }), { expectedVersion: "noStream", ...ofTheSystem });
    await store.write([{ kind: "metadata", stream: "$$account-1", metadata: { maxCount: 1 } }], ofTheSystem);
    await store.scavenge();
    expect((await check(stores, place)).findings).toEqual([]);
    await store.append("account-1", [newEvent()], { expectedVersion: "any" });
    await store.append("plain", [newEvent()], { expectedVersion: "any" });
    await store.write([
      { kind: "metadata", stream: "account-3", metadata: {} },
      { kind: "delete", stream: "account-4", expectedVersion: "exists" },
      { kind: "delete", stream: "plain", expectedVersion: "exists" },
    ]);
    await store.scavenge();
    expect((await check(stores, place)).findings).toEqual([]);
  },

  "a check takes a copy as sound whose source was scavenged, and says nothing of its streams any more": async (stores) => {
    const place = stores.newPlace();
    await using source = await stores.open(stores.newPlace());
    await using target = await stores.open(place);
    for (const stream of ["account-1", "account-2", "account-3"])
      await source.append(stream, newEvents(10), { expectedVersion: "noStream" });
    await source.write([
      { kind: "metadata", stream: "account-1", metadata: { maxCount: 2 } },
      { kind: "metadata", stream: "account-2", metadata: { truncateBefore: version(10) } },
    ]);
    await source.scavenge();
    for (const stream of ["account-1", "account-2"]) await source.write([{ kind: "metadata", stream, metadata: {} }]);
    await copyStore(source, target);
    expect((await check(stores, place)).findings).toEqual([]);
    await using maintenance = await stores.openMaintenance(place);
    expect(await maintenance.status()).toMatchObject({ head: 29, events: { count: 12, isExact: true }, streams: 3 });
  },

  "a check tells the first of very many findings, and that there are more": async (stores) => {
    const place = stores.newPlace();
    const store = await stores.open(place);
    await store.append("account-1", newEvents(50), { expectedVersion: "noStream" });
    await store.close();
    await stores.runSql(place, "UPDATE events SET data = 'no', category = 'order'");
    const { findings } = await check(stores, place);
    for (const law of ["json", "categories"]) {
      const told = findings.filter((finding) => finding.law === law);
      expect(told).toHaveLength(21);
      expect(told.at(-1)).toEqual({ law, problem: "There are more of these." });
    }
  },

  "a check looks for JSON in as many of the last events as are asked for": async (stores) => {
    const place = stores.newPlace();
    const store = await stores.open(place);
    await fillStore(store);
    await store.close();
    await stores.runSql(place, "UPDATE events SET data = 'no' WHERE position = 5");
    await using maintenance = await stores.openMaintenance(place);
    expect((await maintenance.check({ maxJsonEvents: 1 })).findings).toEqual([]);
    expect((await maintenance.check({ maxJsonEvents: 2 })).findings).toHaveLength(1);
    expect((await maintenance.check({ maxJsonEvents: 0 })).findings).toEqual([]);
    await expect(maintenance.check({ maxJsonEvents: -1 })).rejects.toMatchObject({ code: "invalid-argument" });
  },
};

async function check(stores: TestedStores, place: string): Promise<CheckResult> {
  await using maintenance = await stores.openMaintenance(place);
  return await maintenance.check();
}
