import { openSqliteMaintenance } from "@reactive-domain/sqlite";

/** Brings a file up, and says on standard output from where to where: `from to`. */
await using maintenance = await openSqliteMaintenance(process.argv[2] ?? "");
const { from, to } = await maintenance.migrate();
process.stdout.write(`${from} ${to}\n`);
