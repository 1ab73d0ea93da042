import { openSqliteMaintenance } from "@reactive-domain/sqlite";

/** Vacuums a store, and says on standard output how that ended: `vacuumed`, or the error's code and message. */
try {
  await using maintenance = await openSqliteMaintenance(process.argv[2] ?? "");
  await maintenance.vacuum();
  process.stdout.write("vacuumed\n");
} catch (error) {
  process.stdout.write(`${(error as { code?: string }).code}: ${(error as Error).message}\n`);
}
