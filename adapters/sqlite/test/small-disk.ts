import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { temporaryDirectory } from "@reactive-domain/store-tests/vitest";
import { onTestFinished } from "vitest";

/** A place that has little room, until it is given more. */
export interface SmallDisk {
  readonly folder: string;
  /** What a process that is to feel it is started with. */
  readonly command: readonly string[];
  /** How SQLite tells that there is no room. */
  readonly says: RegExp;
  /** What it may say about trying again: where there is a limit, that depends on the call that has met it. */
  readonly retryable: readonly boolean[];
  giveRoom(pid: number): void;
}

const DISK_KIB = 600;
const BLOCKS_PER_KIB = 2;
const ROOMY_KIB = 20_000;

/** A file system in memory of its own, which is really full; where none may be mounted, what {@link limitedFiles} makes, after saying so. */
export function smallDisk(kib = DISK_KIB): SmallDisk {
  const folder = join(temporaryDirectory(), "disk");
  mkdirSync(folder);
  const { error, status, stderr } = spawnSync("mount", ["-t", "tmpfs", "-o", `size=${kib}k`, "none", folder], { encoding: "utf8" });
  if (error !== undefined || status !== 0) {
    process.stderr.write(`No small disk can be mounted (${error?.message ?? stderr.trim()}): files of limited size stand in for it.\n`);
    return limitedFiles(kib);
  }
  onTestFinished(() => void spawnSync("umount", ["--lazy", folder]));
  return {
    folder,
    command: [],
    says: /cannot grow: the disk is full; free some space and try again/,
    retryable: [true],
    giveRoom: () => run("mount", ["-o", `remount,size=${ROOMY_KIB}k`, folder]),
  };
}

/** A process whose files may not grow beyond a size: it gets an error of the system like one whose disk is full. */
export function limitedFiles(kib = DISK_KIB): SmallDisk {
  return {
    folder: temporaryDirectory(),
    command: ["sh", "-c", `ulimit -S -f ${kib * BLOCKS_PER_KIB}; exec "$@"`, "sh"],
    says: /cannot be read or written: the disk reports an error, or a quota or limit is reached|cannot grow: the disk is full/,
    retryable: [false, true],
    giveRoom: (pid) => run("prlimit", ["--pid", String(pid), "--fsize=unlimited"]),
  };
}

function run(program: string, args: readonly string[]): void {
  const { error, status, stderr } = spawnSync(program, args, { encoding: "utf8" });
  if (error !== undefined || status !== 0) throw new Error(`${program} ${args.join(" ")} has failed: ${error?.message ?? stderr}`);
}
