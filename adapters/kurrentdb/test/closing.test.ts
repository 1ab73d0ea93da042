import { join } from "node:path";
import { startChild, temporaryDirectory, type Child } from "@reactive-domain/store-tests/vitest";
import { expect, test } from "vitest";

interface Both {
  readonly server: Child;
  readonly worker: Child;
}

/** A process with a store that is at work on the server of another one. */
async function startBoth(): Promise<Both> {
  const server = startChild(new URL("child-server.ts", import.meta.url), join(temporaryDirectory(), "store.db"));
  await server.until(1);
  const worker = startChild(new URL("child-closer.ts", import.meta.url), `kurrentdb://127.0.0.1:${server.said[0]?.[1] ?? ""}?tls=false`);
  await worker.until(1);
  return { server, worker };
}

const ALLOWED = new Set(["done", "already-closed", "store-unavailable"]);

test.each<[string, (server: Child) => unknown]>([
  ["", () => undefined],
  [" of a server that answers no more", ({ process }) => process.kill("SIGSTOP")],
  [" of a server that was killed", ({ process }) => process.kill("SIGKILL")],
])(
  "closing a store%s while it does everything ends all of it with an outcome, and keeps no process",
  async (_of, hurt) => {
    const { server, worker } = await startBoth();
    hurt(server);
    worker.process.stdin?.write("close\n");
    expect(await worker.ended).toBe(0);
    const [, closed, outcomes = []] = worker.said;
    expect(closed).toEqual(["closed"]);
    expect(outcomes).toContain("already-closed");
    expect(outcomes.filter((outcome) => !ALLOWED.has(outcome))).toEqual([]);
  },
  30_000,
);
