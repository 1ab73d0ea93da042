import { spawn, type ChildProcessByStdio } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { openSqliteStore } from "@reactive-domain/sqlite";
import { collect, newEvent } from "@reactive-domain/store-tests";
import { expect, onTestFinished, test, vi } from "vitest";
import { limitedFiles, smallDisk, type SmallDisk } from "./small-disk.ts";

vi.setConfig({ testTimeout: 60_000 });

const SCRIPT = fileURLToPath(new URL("full-disk-child.ts", import.meta.url));

interface FullDiskChild {
  readonly child: ChildProcessByStdio<Writable, Readable, null>;
  readonly lines: readonly string[];
  /** Resolves with the first line that begins so. */
  says(begin: string): Promise<string>;
  readonly ended: Promise<unknown>;
}

function startChild(path: string, command: readonly string[]): FullDiskChild {
  const [program, ...args] = [...command, process.execPath, "--conditions=@reactive-domain/source", "--import", "tsx", SCRIPT, path];
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  createInterface({ input: child.stdout }).on("line", (line) => {
    lines.push(line);
    for (const look of waiting) look();
  });
  const ended = new Promise<unknown>((resolve) => child.once("close", (code, signal) => resolve(signal ?? code)));
  const says = (begin: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const line = lines.find((one) => one.startsWith(begin));
        if (line !== undefined) resolve(line.slice(begin.length + 1));
      };
      waiting.add(look);
      look();
      void ended.then((how) => reject(new Error(`The child ended (${String(how)}) and never said "${begin}".`)));
    });
  return { child, lines, says, ended };
}

const PLACES: readonly [string, () => SmallDisk][] = [
  ["a disk that is full", smallDisk],
  ["a file that may not grow", limitedFiles],
];

test.each(PLACES)("%s is named, nothing acknowledged is lost, and the same store goes on when there is room", async (_name, make) => {
  const { folder, command, says, retryable, giveRoom } = make();
  const path = join(folder, "bank.db");
  const { child, lines, says: said, ended } = startChild(path, command);

  const failure = JSON.parse(await said("failed")) as { readonly message: string };
  expect(failure).toMatchObject({
    code: "store-unavailable",
    retryable: expect.toBeOneOf([...retryable]),
    message: expect.stringMatching(says),
  });
  const acknowledged = (): readonly string[] => lines.filter((line) => line.startsWith("ack ")).map((line) => line.slice("ack ".length));
  const before = acknowledged();
  expect(before.length).toBeGreaterThan(5);
  expect(await said("read")).toBe(before.at(-1));

  giveRoom(child.pid ?? 0);
  child.stdin.write("\n");
  expect(await said("again")).toBe(String(before.length));
  await said("closed");
  expect(await ended).toBe(0);

  await using store = await openSqliteStore(path);
  expect((await collect(store, { all: true })).map(({ id }) => id)).toEqual(acknowledged());
  expect(acknowledged()).toHaveLength(before.length + 20);
});

test.each([4, 8, 16, 64])("a store that finds no room within %i KiB is refused, and is made when there is room", async (kib) => {
  const { folder, command, says, retryable, giveRoom } = smallDisk(kib);
  const { child, says: said } = startChild(join(folder, "bank.db"), command);
  const refusal: unknown = JSON.parse(await said("refused"));
  expect(refusal).toMatchObject({
    code: "store-unavailable",
    retryable: expect.toBeOneOf([...retryable]),
    message: expect.stringMatching(says),
  });
  giveRoom(child.pid ?? 0);
  child.stdin.write("\n");
  await said("ack");
});

test("a process that is killed while its disk is full has lost nothing that was acknowledged", async () => {
  const { folder, command, giveRoom } = smallDisk();
  const path = join(folder, "bank.db");
  const { child, lines, says, ended } = startChild(path, command);
  await says("failed");
  await says("read");
  child.kill("SIGKILL");
  await ended;
  // The limit of a process ends with it; a disk stays full.
  if (command.length === 0) giveRoom(0);
  const acknowledged = lines.filter((line) => line.startsWith("ack ")).map((line) => line.slice("ack ".length));

  await using store = await openSqliteStore(path);
  expect((await collect(store, { all: true })).map(({ id }) => id)).toEqual(acknowledged);
  expect(await store.append("account-1", [newEvent()], { expectedVersion: "exists" })).toMatchObject({ position: acknowledged.length });
});
