import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openPostgresStore } from "@reactive-domain/postgres";
import { postgresServers, temporarySchema } from "@reactive-domain/test-servers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { lettersIn } from "./letters-in.ts";
import { finished, runBank, startBank } from "./run-cli.ts";

vi.setConfig({ testTimeout: 120_000 });
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "bank-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe.each(await postgresServers())("the bank on $name", ({ url: server }) => {
  /** A store of its own, with a password that the server does not ask for. */
  function newStore(): string {
    const url = new URL(server);
    url.password = "secret";
    url.searchParams.set("schema", temporarySchema(server));
    return url.href;
  }

  /** A summary without the line that names the store. */
  function withoutStore(output: string): string {
    return output.replace(/^Bank: .*$/m, "Bank");
  }

  it("tells what became of the shipped commands, and a second run changes nothing", async () => {
    const store = newStore();
    const inMemory = await runBank(["--store", "memory"], folder);
    const first = await runBank(["--store", store], folder);
    const second = await runBank(["--store", store], folder);

    expect(first).toMatchObject({ status: 0 });
    expect(withoutStore(first.output)).toBe(withoutStore(inMemory.output));
    expect(first.output).toMatch(/^Bank: postgres:\/\/\w+:\*\*\*@/m);
    expect(first.output + first.errors).not.toContain("secret");
    expect(second.output).toBe(first.output);
    expect(second.errors).toContain("Nothing changed: all 400 commands had been carried out before");
  });

  it("four at once carry out each command once, and all tell what one alone does", async () => {
    await runBank(["--generate", "2000", "--seed", "4", "--output", "day.jsonl"], folder);
    const store = newStore();
    const alone = await runBank(["day.jsonl", "--store", "memory", "--mail", "alone"], folder);
    const together = await Promise.all([1, 2, 3, 4].map(() => runBank(["day.jsonl", "--store", store, "--mail", "together"], folder)));

    for (const { status, output, errors } of together) {
      expect({ status, errors: status === 0 ? "" : errors }).toEqual({ status: 0, errors: "" });
      expect(withoutStore(output)).toBe(withoutStore(alone.output));
    }
    expect(await lettersIn(folder, "together")).toEqual(await lettersIn(folder, "alone"));
    const recognised = together.map(({ errors }) => Number(/([\d,]+) (?:of the|commands had)/.exec(errors)?.[1]?.replace(",", "") ?? 0));
    expect(recognised.reduce((sum, count) => sum + count, 0)).toBe(3 * 2000);
  });

  it("that is killed goes on in the next run, to the summary of an uninterrupted one", async () => {
    await runBank(["--generate", "4000", "--seed", "3", "--output", "big.jsonl"], folder);
    const store = newStore();
    const whole = await runBank(["big.jsonl", "--store", "memory"], folder);
    const interrupted = startBank(["big.jsonl", "--store", store], folder);
    const end = finished(interrupted);
    await someEventsIn(store, 500);
    interrupted.kill("SIGKILL");
    expect(await end).toMatchObject({ signal: "SIGKILL", output: "" });
    const next = await runBank(["big.jsonl", "--store", store], folder);

    expect(next.errors).toMatch(/of the 4,000 commands had been carried out before/);
    expect(withoutStore(next.output)).toBe(withoutStore(whole.output));
  });
});

/** Resolves when another process has written so many events. */
async function someEventsIn(url: string, count: number): Promise<void> {
  await using store = await openPostgresStore(url);
  let seen = 0;
  for await (const message of store.subscribe({ all: true })) {
    if (message.kind === "events") seen += message.events.length;
    if (seen >= count) break;
  }
}
