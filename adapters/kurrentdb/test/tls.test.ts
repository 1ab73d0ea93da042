import { join } from "node:path";
import { openKurrentStore } from "@reactive-domain/kurrentdb";
import { developmentCertificates, startServer } from "@reactive-domain/kurrentdb-server";
import { createInMemoryStore } from "@reactive-domain/persistence/in-memory";
import { collect, newEvents } from "@reactive-domain/store-tests";
import { temporaryDirectory } from "@reactive-domain/store-tests/vitest";
import { expect, test } from "vitest";

const PASSWORD = "correct-horse-battery";

test("over TLS a store is opened with a user and a password, and not with another password", { timeout: 60_000 }, async () => {
  await using inside = createInMemoryStore();
  const tls = await developmentCertificates(join(temporaryDirectory(), "certificates"));
  await using server = await startServer(inside, { port: 0, tls, adminPassword: PASSWORD });
  const urlFor = (password: string): string => server.url.replace("://", `://admin:${encodeURIComponent(password)}@`);
  await using store = await openKurrentStore(urlFor(PASSWORD));
  await store.append("account-1", newEvents(2), { expectedVersion: "noStream" });
  expect(await collect(store, { stream: "account-1" })).toHaveLength(2);
  expect(await collect(store, { category: "account" })).toHaveLength(2);
  const refused = (async () => {
    await using other = await openKurrentStore(urlFor("wrong"));
    await other.append("account-1", newEvents(1), { expectedVersion: "any" });
  })();
  await expect(refused).rejects.toThrow(/denied|password|authenticat/i);
  expect(await inside.streamInfo("account-1")).toMatchObject({ lastVersion: 1 });
});
