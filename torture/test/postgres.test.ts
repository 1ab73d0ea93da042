import { rmSync } from "node:fs";
import { dropSchema, postgresServers, withClient } from "@reactive-domain/test-servers";
import { expect, onTestFinished, test, vi } from "vitest";
import { runTorture } from "./run-program.ts";

vi.setConfig({ testTimeout: 300_000 });

const servers = await postgresServers();
const CLEAN = /^torture: (\d+) kills, (\d+) acknowledged, 0 lost, 0 doubled, 0 holes, 0 early checkpoints$/;

async function schemasOf(url: string): Promise<unknown> {
  const { rows } = await withClient(url, (client) => client.query("SELECT nspname FROM pg_namespace WHERE nspname ~ '^t_' ORDER BY 1"));
  return rows;
}

test.each(servers)("twenty kills of up to four processes on $name lose nothing and double nothing", async ({ url }) => {
  const ended = await runTorture("--store", `postgres:${url}`, "--kills", "20", "--seed", "30");
  expect([ended.stderr, ended.last, ended.status === 0 ? "" : ended.stdout]).toEqual(["", expect.stringMatching(CLEAN), ""]);
  const [, kills, acknowledged] = CLEAN.exec(ended.last) ?? [];
  expect(Number(kills)).toBe(20);
  expect(Number(acknowledged)).toBeGreaterThan(1_000);
});

test.each(servers)("an event that vanishes from the log on $name is found as a hole", async ({ url }) => {
  const ended = await runTorture("--store", `postgres:${url}`, "--kills", "2", "--seed", "3", "--sabotage", "hole");
  const [, folder = "", schema = ""] =
    /^The store is kept in (\S+) and the schema (\S+); repeat it with --seed 3\.$/m.exec(ended.stdout) ?? [];
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  onTestFinished(() => dropSchema(url, schema));
  expect(ended.status).toBe(1);
  expect(ended.last).toMatch(/ [1-9]\d* holes/);
  expect(await schemasOf(url)).toContainEqual({ nspname: schema });
});

test("children live through kills of their server, and nothing that was acknowledged is lost with it", async () => {
  const ended = await runTorture("--store", "postgres", "--kills", "3", "--server-kills", "3", "--seed", "1");
  expect([ended.stderr, ended.last, ended.status === 0 ? "" : ended.stdout]).toEqual(["", expect.stringMatching(CLEAN), ""]);
  expect(ended.stdout).toMatch(/^The server was killed 3 times\.$/m);
});
