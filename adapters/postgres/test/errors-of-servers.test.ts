import { openPostgresStore } from "@reactive-domain/postgres";
import { collect, newEvent } from "@reactive-domain/store-tests";
import { startServer, withClient } from "@reactive-domain/test-servers";
import { expect, test, vi } from "vitest";
import { expectError, SECRET, unavailable } from "./expect-error.ts";
import { openedStore } from "./opened-store.ts";

vi.setConfig({ testTimeout: 30_000 });

test("a server that is down", async () => {
  await using server = await startServer();
  await server.stop();
  const where = server.url.replace("//postgres@", `//postgres:${encodeURIComponent(SECRET)}@`);
  await expectError(openPostgresStore(where), unavailable(/at 127\.0\.0\.1:\d+ cannot be reached: nothing listens there/, true));
});

test("a wrong password, a user that does not exist, and a database of another encoding", async () => {
  await using server = await startServer();
  await withClient(server.url, async (client) => {
    await client.query("CREATE ROLE bank LOGIN PASSWORD 'right'");
    await client.query("CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0 LOCALE_PROVIDER libc LOCALE 'C'");
    const { rows } = await client.query<{ readonly hba_file: string }>("SHOW hba_file");
    const rules = "VALUES ('host all postgres 127.0.0.1/32 trust'), ('host all all 127.0.0.1/32 scram-sha-256')";
    await client.query(`COPY (${rules}) TO '${rows[0]?.hba_file}'`);
    await client.query("SELECT pg_reload_conf()");
  });
  const as = (user: string): string => server.url.replace("//postgres@", `//${user}:${encodeURIComponent(SECRET)}@`);
  for (const user of ["bank", "nobody"])
    await expectError(openPostgresStore(as(user)), unavailable(/cannot be used: the server refuses the user or its password/, false));
  await expectError(
    openPostgresStore(as("postgres").replace(/postgres$/, "latin")),
    unavailable(/is in a database of encoding LATIN1; it needs UTF8/, false),
  );
});

test("a standby", async () => {
  await using server = await startServer();
  const before = await openPostgresStore(server.url, { schema: "bank" });
  await before.append("account-1", [newEvent()], { expectedVersion: "noStream" });
  await before.close();
  await withClient(server.url, async (client) => {
    const { rows } = await client.query<{ readonly data_directory: string }>("SHOW data_directory");
    await client.query(`COPY (SELECT '') TO '${rows[0]?.data_directory}/standby.signal'`);
  });
  await server.stop();
  await server.start();
  const told = unavailable(/cannot be written: the server is a standby, or set to read only; connect to the primary/, true);
  const store = await openedStore(server.url, { schema: "bank" });
  await expectError(store.append("account-1", [newEvent()], { expectedVersion: "any" }), told);
  expect(await collect(store, { all: true })).toHaveLength(1);
  await expectError(openPostgresStore(server.url, { schema: "other" }), told);
});
