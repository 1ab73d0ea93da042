import { position } from "@reactive-domain/core";
import { copyStore } from "@reactive-domain/persistence";
import { expect } from "vitest";
import { fillStore } from "../fill-store.ts";
import { newEvents } from "../new-event.ts";
import type { StoreCases, TestedStores } from "./store-cases.ts";

/** What the status of any store in SQL tells. */
export const MAINTENANCE_STATUSES: StoreCases = {
  "the status of a copy tells how far it is, until it is written to": async (stores) => {
    const [from, to] = [await filledPlace(stores), stores.newPlace()];
    await using source = await stores.openExisting(from);
    await using target = await stores.open(to);
    await using maintenance = await stores.openMaintenance(to);
    const onPart = (): never => {
      throw new Error("Enough.");
    };
    await expect(copyStore(source, target, { maxPartEvents: 3, onPart })).rejects.toThrow("Enough.");
    expect((await maintenance.status()).copy).toEqual({ upTo: 2, round: null, nextPart: 0, isLevel: false });
    expect((await maintenance.check()).findings).toContainEqual({ law: "copies", problem: expect.stringContaining("run the copy again") });
    await copyStore(source, target);
    expect((await maintenance.status()).copy).toMatchObject({ upTo: 6, isLevel: true });
    expect((await maintenance.check()).findings).toEqual([]);
    await target.append("account-1", newEvents(1), { expectedVersion: "exists" });
    expect((await maintenance.status()).copy).toBeNull();
  },

  "a checkpoint that is ahead of the log has a lag below zero": async (stores) => {
    const place = await filledPlace(stores);
    await stores.runSql(place, "UPDATE checkpoints SET position = 100");
    await using maintenance = await stores.openMaintenance(place);
    expect((await maintenance.status()).checkpoints).toEqual([{ name: "balances", position: position(100), lag: -94 }]);
  },

  "a closed maintenance says so, and closes twice": async (stores) => {
    const maintenance = await stores.openMaintenance(await filledPlace(stores));
    const status = maintenance.status();
    await Promise.all([maintenance.close(), maintenance.close()]);
    await maintenance.close();
    expect(await status).toMatchObject({ head: 6 });
    await expect(maintenance.status()).rejects.toMatchObject({ code: "already-closed" });
  },
};

async function filledPlace(stores: TestedStores): Promise<string> {
  const place = stores.newPlace();
  await using store = await stores.open(place);
  await fillStore(store);
  return place;
}
