import { openSqliteMaintenance } from "@reactive-domain/sqlite";

/** Copies a store, and says on standard output how that ended: `copied`, or the error's code and message. */
const [path = "", target = ""] = process.argv.slice(2);
try {
  await using maintenance = await openSqliteMaintenance(path);
  await maintenance.backup(target);
  process.stdout.write("copied\n");
} catch (error) {
  process.stdout.write(`${(error as { code?: string }).code}: ${(error as Error).message}\n`);
}
