import { existsSync, rmSync } from "node:fs";
import { openSqliteStore, openSqliteReadModels } from "@reactive-domain/sqlite";
import { openPostgresReadModels } from "@reactive-domain/postgres";
import { writeAccounts } from "./src/suites/read-models/account-history.ts";
import { accountProjections } from "./src/suites/projections/account-views.ts";
import { categoryOf } from "./src/suites/read-models/catch-up-works.ts";
const N = 300_000;
const file = "/tmp/qs/store.db";
const isNew = !existsSync(file);
const store = await openSqliteStore(file);
if (isNew) await writeAccounts(store, N);
if (process.argv[2] === "fill") {
  console.log(categoryOf(store));
  process.exit();
}
for (const s of ["", "-wal", "-shm"]) rmSync("/tmp/qs/views.db" + s, { force: true });
const views =
  process.argv[2] === "pg"
    ? await openPostgresReadModels("postgres://postgres@127.0.0.1:5432/test?schema=quickbench")
    : await openSqliteReadModels("/tmp/qs/views.db");
const projections = accountProjections(store, views as any);
const [accounts] = projections.all;
for (let i = 0; i < 2; i++) {
  const c0 = process.cpuUsage(),
    t = performance.now();
  const r = await accounts!.rebuild();
  const c = process.cpuUsage(c0);
  console.log(
    Math.round(N / ((performance.now() - t) / 1000)),
    "ev/s wall;",
    Math.round(N / ((c.user + c.system) / 1e6)),
    "ev/cpu-s",
    "user",
    c.user / 1e6,
    "sys",
    c.system / 1e6,
    r.isSwapped,
    process.memoryUsage().rss / 1e6,
  );
  await accounts!.discard("retired");
}
await projections.close();
await views.close();
await store.close();
