import { postgresServers } from "@reactive-domain/test-servers";
import { expect, test, vi } from "vitest";
import { tortureServing } from "../src/served/torture-serving.ts";

vi.setConfig({ testTimeout: 180_000 });

const [server] = await postgresServers();

test.each(["sqlite", ...(server === undefined ? [] : [`postgres:${server.url}`])])(
  "a server over %s that is killed four times under load loses nothing, and repeats nothing to anybody",
  async (store) => {
    const { acknowledged, events, findings } = await tortureServing({ store, kills: 4, seed: 11 });
    expect(findings.all).toEqual([]);
    expect(acknowledged).toBeGreaterThan(40);
    expect(events).toBe(acknowledged);
  },
);

test("a subscriber that goes on one event too early is found", async () => {
  const { findings } = await tortureServing({ store: "sqlite", kills: 2, seed: 12, sabotage: "resume-early" });
  expect(findings.count("doubled")).toBeGreaterThan(0);
});

test("a subscriber that goes on one event too late is found", async () => {
  const { findings } = await tortureServing({ store: "sqlite", kills: 2, seed: 13, sabotage: "resume-late" });
  expect(findings.count("lost")).toBeGreaterThan(0);
});
