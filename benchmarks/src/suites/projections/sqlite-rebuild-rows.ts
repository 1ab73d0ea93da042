import { execFile } from "node:child_process";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { openSqliteReadModels, openSqliteStore } from "@reactive-domain/sqlite";
import { compare, type Work } from "../../measure.ts";
import type { BenchRow } from "../../report.ts";
import { inTemporaryFolder } from "../../temporary-folder.ts";
import { balanceOf } from "../aggregates/history.ts";
import { writeAccounts } from "../read-models/account-history.ts";
import { categoryOf } from "../read-models/catch-up-works.ts";
import { rowOf } from "../row-of.ts";
import { ACCOUNTS, rebuilding } from "./rebuild-work.ts";

const EVENTS = 1_000_000;
const ROUNDS = 3;
const TARGET = 0.5;
const FLOOR = join(import.meta.dirname, "../../../floors/projections-rebuild.mjs");

const run = promisify(execFile);

/** A rebuild of documents in SQLite, beside a fold by hand that commits every 10,000 events. */
export async function sqliteRebuildRows(onDurability: (seen: string) => unknown): Promise<readonly BenchRow[]> {
  return inTemporaryFolder(async (folder) => {
    const file = join(folder, "store.db");
    await using store = await openSqliteStore(file);
    await writeAccounts(store, EVENTS);
    await using views = await openSqliteReadModels(join(folder, "views.db"));
    onDurability(store.durability);
    const floor = foldingByHand({ file, target: join(folder, "floor.db"), category: categoryOf(store) });
    const measured = await compare(rebuilding(store, views, EVENTS), floor, ROUNDS);
    const name = `rebuild of ${ACCOUNTS.toLocaleString("en-US")} documents from ${EVENTS.toLocaleString("en-US")} events in SQLite, swapped`;
    return [rowOf({ id: "projection.rebuild.sqlite", name, unit: "events/s", ...measured, target: TARGET })];
  });
}

/** The floor, in a process of its own. */
function foldingByHand({ file, target, category }: { readonly file: string; readonly target: string; readonly category: string }): Work {
  return {
    run: async () => {
      for (const suffix of ["", "-wal", "-shm"]) await rm(`${target}${suffix}`, { force: true });
      const { stdout } = await run(process.execPath, [FLOOR, file, target, category]);
      const { count, ms, documents, cents } = JSON.parse(stdout) as Readonly<Record<"count" | "ms" | "documents" | "cents", number>>;
      if (count !== EVENTS || documents !== ACCOUNTS || cents !== ACCOUNTS * balanceOf(EVENTS / ACCOUNTS))
        throw new Error(`The fold by hand made ${documents} documents with ${cents} cents of ${count} events.`);
      return { units: count, ms };
    },
  };
}
