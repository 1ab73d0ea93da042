import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { expect, test, vi } from "vitest";
import { withClient } from "../src/postgres-servers.ts";
import { startServer } from "../src/start-server.ts";

/** A start after a kill writes all files to the disk, which may be busy. */
vi.setConfig({ testTimeout: 60_000 });

const show = (url: string, setting: string): Promise<unknown> =>
  withClient(url, async (client) => (await client.query<Record<string, unknown>>(`SHOW ${setting}`)).rows[0]?.[setting]);

test("a server that was killed and started again has all that was committed, under the same URL", async () => {
  await using server = await startServer();
  await withClient(server.url, (client) => client.query("CREATE TABLE kept AS SELECT 7 AS seven"));
  await server.kill();
  await expect(show(server.url, "port")).rejects.toThrow("ECONNREFUSED");
  await server.start();
  const { rows } = await withClient(server.url, (client) => client.query("SELECT seven FROM kept"));
  expect(rows).toEqual([{ seven: 7 }]);
});

test("a server is killed in the middle of what it does", async () => {
  await using server = await startServer();
  const running = withClient(server.url, (client) => client.query("SELECT pg_sleep(60)"));
  const outcome = running.then(() => "done", String);
  await withClient(server.url, async (client) => {
    while ((await client.query("SELECT 1 FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%'")).rows.length === 0);
  });
  await server.kill();
  expect(await outcome).toContain("Connection terminated unexpectedly");
});

test("a server stops in order and starts again", async () => {
  await using server = await startServer();
  await server.stop();
  await server.stop();
  await server.start();
  await server.start();
  expect(await show(server.url, "server_version")).toMatch(/^18/);
});

test("a server has the settings that were asked for", async () => {
  await using server = await startServer({ settings: { synchronous_commit: "off", max_prepared_transactions: 5 } });
  expect(await show(server.url, "synchronous_commit")).toBe("off");
  expect(await show(server.url, "max_prepared_transactions")).toBe("5");
  expect(await show(server.url, "fsync")).toBe("on");
});

test("a server that does not start says why", async () => {
  await expect(startServer({ settings: { max_connections: "plenty" } })).rejects.toThrow(/invalid value for parameter "max_connections"/);
});

test("a disposed server leaves no files, killed or not", async () => {
  const dataOf = async (end: "kill" | "run"): Promise<unknown> => {
    await using server = await startServer();
    const data = await show(server.url, "data_directory");
    if (end === "kill") await server.kill();
    return data;
  };
  const directories = [dirname(String(await dataOf("run"))), dirname(String(await dataOf("kill")))];
  await expect.poll(() => directories.filter((directory) => existsSync(directory)), { timeout: 8000 }).toEqual([]);
});
