import { postgresServers } from "@reactive-domain/test-servers";
import { expect, test, vi } from "vitest";
import { tortureServing } from "../src/served/torture-serving.ts";

vi.setConfig({ testTimeout: 180_000 });

const [server] = await postgresServers();
const stores: readonly (readonly [name: string, servers: number, store: string])[] = [
  ["SQLite", 1, "sqlite"],
  ...(server === undefined ? [] : [["PostgreSQL", 2, `postgres:${server.url}`] as const]),
];

test.each(stores)(
  "over %s, with servers (%i) killed three times beside consumers, nothing is lost, and nothing repeated to anybody without a reason",
  async (_name, servers, store) => {
    const { acknowledged, events, consumed, findings } = await tortureServing({ store, servers, kills: 3, seed: 11 });
    expect(findings.all).toEqual([]);
    expect(acknowledged).toBeGreaterThan(40);
    expect(events).toBe(acknowledged);
    expect(consumed?.given).toBeGreaterThan(2 * events);
    expect(consumed?.kills).toBeGreaterThan(0);
    expect(consumed?.replays).toBeGreaterThan(0);
  },
);

test("a subscriber that goes on one event too early is found", async () => {
  const { findings } = await tortureServing({ store: "sqlite", kills: 1, seed: 12, consumers: 0, sabotage: "resume-early" });
  expect(findings.count("doubled")).toBeGreaterThan(0);
});

test("a subscriber that goes on one event too late is found", async () => {
  const { findings } = await tortureServing({ store: "sqlite", kills: 2, seed: 13, consumers: 0, sabotage: "resume-late" });
  expect(findings.count("lost")).toBeGreaterThan(0);
});

// None of them waits for a kill of the server: it takes ten seconds until others have what that one had.
const planted = (sabotage: "early-ack" | "handle-again" | "drop-ack" | "skip-parked", patience: { readonly patienceMs?: number } = {}) =>
  tortureServing({ store: "sqlite", kills: 0, seed: 14, sabotage, ...patience });

test("a consumer that acknowledges what it has not done yet, and is killed, is found", async () => {
  const { findings } = await planted("early-ack");
  expect(findings.all).toEqual([expect.stringMatching(/^lost: readers has not done what follows from entry-/)]);
});

test("an event that is handled again when the server has told that it is settled is found", async () => {
  const { findings } = await planted("handle-again");
  expect(findings.all).toContainEqual(expect.stringMatching(/^doubled: .* when the server had told that it is settled$/));
  expect(findings.count("lost")).toBe(0);
});

test("an event that nobody acknowledges is found", async () => {
  const { findings } = await planted("drop-ack", { patienceMs: 4_000 });
  expect(findings.all).toContainEqual(expect.stringMatching(/^fault: what is left of a log up to \d+ is not settled/));
  expect(findings.count("lost")).toBe(0);
});

test("an event that is skipped and not parked is found", async () => {
  const { findings } = await planted("skip-parked");
  expect(findings.all).toContainEqual(expect.stringMatching(/^lost: entry-\d+#\d+ was to be parked, and never was$/));
  expect(findings.count("doubled")).toBe(0);
});
