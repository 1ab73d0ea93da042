import { withClient } from "@reactive-domain/test-servers";
import { migrationSql } from "../src/schema/migrate.ts";
import { namesOf } from "../src/schema/names.ts";

/** Makes a store as it was when there were so many migrations. */
export async function makeOldSchema(url: string, schema: string, seen: number): Promise<void> {
  const names = namesOf(schema, "");
  const facts = { epoch: "018f0000-0000-7000-8000-000000000000", partitionSize: undefined };
  const newest = migrationSql(names, { seen: 0, ...facts });
  await withClient(url, (client) => client.query(newest.replace(migrationSql(names, { seen, ...facts }), "")));
}
