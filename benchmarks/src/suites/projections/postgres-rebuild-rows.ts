import { openPostgresReadModels, openPostgresStore } from "@reactive-domain/postgres";
import { median, rateOf } from "../../measure.ts";
import type { BenchRow } from "../../report.ts";
import { rivalColumns } from "../../rival-columns.ts";
import { writeAccounts } from "../read-models/account-history.ts";
import { runSql, withStore } from "../store-postgres/our-store.ts";
import { rebuildByEmmett, type EmmettConsumer } from "./emmett-rebuild.ts";
import { ACCOUNTS, rebuilding } from "./rebuild-work.ts";

const EVENTS = 1_000_000;
const ROUNDS = 3;

/** A rebuild of documents in PostgreSQL, beside Emmett's. */
export async function postgresRebuildRows(url: string, onDurability: (seen: string) => unknown): Promise<readonly BenchRow[]> {
  const ours = await withStore(url, "rebuild", async (written, schema) => {
    onDurability(written.durability);
    await writeAccounts(written, EVENTS);
    await runSql(url, `VACUUM ANALYZE ${schema}.events`);
    // What was planned before the tables were known to be full is not used any more.
    await using store = await openPostgresStore(url, { schema });
    await using views = await openPostgresReadModels(url, { schema });
    const rates: number[] = [];
    for (let round = 0; round < ROUNDS; round++) rates.push(await rateOf(rebuilding(store, views, EVENTS)));
    return { value: median(rates), durability: written.durability };
  });
  const beside = async (suffix: string, consumer: EmmettConsumer, target: number): Promise<BenchRow> => {
    const columns = rivalColumns(ours, await rebuildByEmmett(url, consumer));
    const name = `rebuild of ${ACCOUNTS.toLocaleString("en-US")} documents from ${EVENTS.toLocaleString("en-US")} events in PostgreSQL, beside Emmett: ${WHAT[consumer]}`;
    const row = { id: `projection.rebuild.postgres${suffix}`, name, unit: "events/s", value: ours.value, ...columns };
    // Without a figure of the rival nothing is reached.
    return columns.ratioToRival === undefined ? row : { ...row, target, met: columns.ratioToRival >= target };
  };
  return [await beside("", "default", 25), await beside(".tuned", "tuned", 3), await beside(".rows", "bare", 3)];
}

const WHAT: Readonly<Record<EmmettConsumer, string>> = {
  default: "documents, at its defaults",
  tuned: "documents, in batches of 1,000 without a pause",
  bare: "rows by a statement for each event, in such batches",
};
