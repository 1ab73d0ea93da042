import { join } from "node:path";
import { jsonEvent, KurrentDBClient, NO_STREAM, START } from "@kurrent/kurrentdb-client";
import { developmentCertificates, openUsers, startServer } from "@reactive-domain/kurrentdb-server";
import { createInMemoryStore } from "@reactive-domain/persistence/in-memory";
import { temporaryDirectory } from "@reactive-domain/store-tests/vitest";
import { expect, test } from "vitest";

test("a client trusts a certificate for development", { timeout: 30_000 }, async () => {
  const amounts: unknown[] = [];
  const directory = join(temporaryDirectory(), "certificates");
  await using store = createInMemoryStore();
  // #region tls
  const tls = await developmentCertificates(directory);
  await using server = await startServer(store, { port: 0, tls, adminPassword: "correct-horse-battery" });
  const url = server.url.replace("://", "://admin:correct-horse-battery@"); // kurrentdb://admin:…@localhost:…?tls=true&tlsCAFile=…
  const client = KurrentDBClient.connectionString(url);
  // #endregion
  const deposited = jsonEvent({ type: "AmountDeposited", data: { amountCents: 12_345 } });
  await client.appendToStream("account-1", deposited, { streamState: NO_STREAM });
  for await (const { event } of client.readStream("account-1", { fromRevision: START })) amounts.push(event?.data);
  await client.dispose();
  expect(amounts).toEqual([{ amountCents: 12_345 }]);
});

test("a server makes its first user, who logs in", async () => {
  const adminPassword = "correct-horse-battery-staple";
  const directory = join(temporaryDirectory(), "certificates");
  await using store = createInMemoryStore();
  // #region users
  await using server = await startServer(store, { port: 0, tls: await developmentCertificates(directory), adminPassword });
  const client = KurrentDBClient.connectionString(server.url.replace("//", `//admin:${adminPassword}@`));
  const sales = ["sales"];
  const acl = { readRoles: sales, writeRoles: sales, deleteRoles: sales, metaReadRoles: sales, metaWriteRoles: [] };
  await client.setStreamMetadata("account-1", { acl });
  // #endregion
  const { metadata } = await client.getStreamMetadata("account-1");
  expect(metadata?.acl).toEqual(acl);
  // #region defaults
  const own = { $r: "sales", $w: "sales", $d: "$admins", $mr: "sales", $mw: "$admins" };
  const system = { $r: "sales", $w: "$admins", $d: "$admins", $mr: "sales", $mw: "$admins" };
  const lists = jsonEvent({ type: "$settings", data: { $userStreamAcl: own, $systemStreamAcl: system } });
  await client.appendToStream("$settings", lists);
  // #endregion
  const annsPassword = "a-password-of-ann";
  // #region more-users
  using users = await openUsers(store);
  await users.add({ login: "ann", password: annsPassword, groups: ["sales"] });
  // #endregion
  expect(users.list().map(({ login }) => login)).toEqual(["admin", "ann"]);
  const told: unknown[] = [];
  for await (const { event } of client.readStream("$settings", { fromRevision: START })) told.push(event?.data);
  await client.dispose();
  expect(told).toEqual([lists.data]);
});
