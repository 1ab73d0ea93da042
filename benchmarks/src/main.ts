import { cpus } from "node:os";
import { toText, type BenchReport } from "./report.ts";
import { runAggregatesSuite } from "./suites/aggregates/index.ts";
import { runBankSuite } from "./suites/bank.ts";
import { runKurrentdbSuite } from "./suites/kurrentdb/index.ts";
import { runMessagingSuite } from "./suites/messaging/index.ts";
import { runProjectionsSuite } from "./suites/projections/index.ts";
import { runReadModelsSuite } from "./suites/read-models/index.ts";
import { runStoreMemorySuite } from "./suites/store-memory.ts";
import { runStorePostgresSuite } from "./suites/store-postgres/index.ts";
import { runStoreSqliteSuite } from "./suites/store-sqlite/index.ts";

/** What a suite returns; the rest of the report is the machine's. */
type Suite = () => Promise<Pick<BenchReport, "durability" | "rows">>;

const SUITES: Readonly<Record<string, Suite>> = {
  aggregates: runAggregatesSuite,
  bank: runBankSuite,
  kurrentdb: runKurrentdbSuite,
  messaging: runMessagingSuite,
  projections: runProjectionsSuite,
  "read-models": runReadModelsSuite,
  "store-memory": runStoreMemorySuite,
  "store-postgres": runStorePostgresSuite,
  "store-sqlite": runStoreSqliteSuite,
};
const USAGE_STATUS = 2;

const [name, ...flags] = process.argv.slice(2);
const suite = name === undefined ? undefined : SUITES[name];
if (name === undefined || suite === undefined || flags.some((flag) => flag !== "--json")) {
  process.stderr.write(`Usage: npm run bench -- <suite> [--json], with one of the suites: ${Object.keys(SUITES).join(", ")}.\n`);
  process.exitCode = USAGE_STATUS;
} else {
  const { durability, rows } = await suite();
  const report: BenchReport = {
    suite: name,
    node: process.version,
    cpu: `${cpus().length} x ${cpus()[0]?.model ?? "unknown"}`,
    durability,
    rows,
  };
  process.stdout.write(flags.includes("--json") ? `${JSON.stringify(report)}\n` : toText(report));
}
