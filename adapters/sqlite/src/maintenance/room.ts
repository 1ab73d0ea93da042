import { accessSync, constants, statSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { StoreUnavailable } from "@reactive-domain/persistence";

/** A place that must have room. */
export interface Claim {
  readonly folder: string;
  /** The disk that it lies on. */
  readonly disk: number;
  readonly freeBytes: number;
  readonly neededBytes: number;
}

/** SQLite writes a frame's header to every page of its log, and some pages more than there were. */
const LOG_OVERHEAD = 1.05;

/** Refuses a vacuum that the disk has no room for. Errors: `store-unavailable`. */
export async function refuseWithoutRoom(path: string, name: string, usedBytes: number): Promise<void> {
  const claims = [
    await claim(dirname(resolve(path)), usedBytes * LOG_OVERHEAD), // the new content, in the log beside the file
    await claim(temporaryFolder(), usedBytes), // and before that, in a temporary file
  ];
  const short = findShortage(claims);
  if (short === undefined) return;
  throw new StoreUnavailable(
    name,
    `cannot be vacuumed: that needs ${Math.ceil(short.neededBytes)} bytes on the disk of ${short.folder}, and it has ${short.freeBytes}; ` +
      "free some, or let SQLITE_TMPDIR name a folder on another disk",
    { retryable: true },
  );
}

/** The first place whose disk is too small for all that is to lie on it. */
export function findShortage(claims: readonly Claim[]): Claim | undefined {
  const together = claims.map((one) => ({
    ...one,
    neededBytes: claims.filter(({ disk }) => disk === one.disk).reduce((sum, { neededBytes }) => sum + neededBytes, 0),
  }));
  return together.find(({ freeBytes, neededBytes }) => freeBytes < neededBytes);
}

async function claim(folder: string, neededBytes: number): Promise<Claim> {
  const { bavail, bsize } = await statfs(folder);
  return { folder, disk: statSync(folder).dev, freeBytes: bavail * bsize, neededBytes };
}

/** Where SQLite puts temporary files: "Temporary Files Used By SQLite", section 5. */
function temporaryFolder(): string {
  const { SQLITE_TMPDIR, TMPDIR } = process.env;
  return [SQLITE_TMPDIR, TMPDIR, "/var/tmp", "/usr/tmp", "/tmp"].find((folder) => folder !== undefined && isWritable(folder)) ?? ".";
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return statSync(folder).isDirectory();
  } catch {
    return false;
  }
}
