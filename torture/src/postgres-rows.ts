import { withClient } from "@reactive-domain/test-servers";

/** All rows of a table. */
export async function rowsOf(url: string, table: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  return withClient(url, async (client) => (await client.query<Readonly<Record<string, unknown>>>(`SELECT * FROM ${table}`)).rows);
}
