import { copyFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { EventStore } from "@reactive-domain/persistence";
import { openSqliteMaintenance, openSqliteStore } from "@reactive-domain/sqlite";
import { collect, newEvents } from "@reactive-domain/store-tests";
import { temporaryDirectory } from "@reactive-domain/store-tests/vitest";
import { expect, test } from "vitest";

async function bank(file: string): Promise<EventStore> {
  const store = await openSqliteStore(file);
  await store.append("account-1", newEvents(3), { expectedVersion: "noStream" });
  return store;
}

// #region back-up
/** Copies the store of this server, while it works, to a file of the day. */
async function backUp(file: string, folder: string, day: Date): Promise<string> {
  await using maintenance = await openSqliteMaintenance(file);
  const target = join(folder, `bank-${day.toISOString().slice(0, 10)}.db`);
  await maintenance.backup(target, { replace: true });
  await using copy = await openSqliteMaintenance(target);
  const { findings } = await copy.check();
  for (const { law, problem } of findings) throw new Error(`The backup ${target} is of no use: ${law}: ${problem}`);
  return target;
}
// #endregion

test("a server backs its store up while it works, and the backup restores it", async () => {
  const [folder, backups] = [temporaryDirectory(), temporaryDirectory()];
  await using store = await bank(join(folder, "bank.db"));
  const backup = await backUp(join(folder, "bank.db"), backups, new Date("2026-11-26T03:00:00Z"));
  expect(readdirSync(backups)).toEqual(["bank-2026-11-26.db"]);
  await store.append("account-1", newEvents(1), { expectedVersion: "exists" });
  copyFileSync(backup, join(folder, "restored.db"));
  await using restored = await openSqliteStore(join(folder, "restored.db"), { mustExist: true });
  expect(await collect(restored, { stream: "account-1" })).toHaveLength(3);
});
