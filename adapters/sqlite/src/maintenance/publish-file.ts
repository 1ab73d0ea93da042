import { close, existsSync, fsync, linkSync, open, realpathSync, renameSync, rmSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { InvalidArgument } from "@reactive-domain/core";

const [openFile, fsyncFile, closeFile] = [promisify(open), promisify(fsync), promisify(close)];

/** Files that SQLite keeps beside a database. */
const COMPANIONS = ["-wal", "-shm", "-journal"];

/** Refuses a target that no copy can be made under. Errors: `invalid-argument`. */
export function refuseTarget(source: string, target: string, replace: boolean): void {
  const refuse = (expected: string, advice: string): never => {
    throw new InvalidArgument("target", expected, target, advice);
  };
  const folder = dirname(resolve(target));
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true)
    refuse("a file in a folder that exists", `Make the folder ${folder} first.`);
  const places = [source, ...COMPANIONS.map((companion) => source + companion)].map(placeOf);
  if (places.includes(placeOf(target))) refuse("another file than the store", "Give another name.");
  const stats = statSync(target, { throwIfNoEntry: false });
  if (stats?.isDirectory() === true) refuse("a file, and not a folder", `Give a name in it, like ${join(target, basename(source))}.`);
  // A device or a pipe would be lost under the copy.
  if (stats !== undefined && !stats.isFile()) refuse("a file, and not a device or a pipe", "Give another name.");
  const companion = COMPANIONS.map((suffix) => target + suffix).find((path) => existsSync(path));
  if (companion !== undefined)
    refuse(
      `a file that nobody has open, without ${basename(companion)} beside it`,
      "SQLite would take what stands in there for a part of the copy. Close the store, or remove both when nobody has it open.",
    );
  if (stats !== undefined && !replace)
    refuse("a file that does not exist", "Give another name, or have it replaced (replace: true, --replace).");
}

/** The same for all names of a file. */
function placeOf(path: string): string {
  const whole = resolve(path);
  if (existsSync(whole)) return realpathSync(whole);
  const folder = dirname(whole);
  return existsSync(folder) ? join(realpathSync(folder), basename(whole)) : whole;
}

/** Flushes a file or folder to the disk. */
export async function flush(path: string): Promise<void> {
  const handle = await openFile(path, "r");
  try {
    await fsyncFile(handle);
  } finally {
    await closeFile(handle);
  }
}

/** Gives a whole file its name, and flushes that. Errors: `invalid-argument` where somebody else has made the target meanwhile. */
export async function publish(file: string, target: string, replace: boolean): Promise<void> {
  if (replace) renameSync(file, target);
  else takeName(file, target);
  await flush(dirname(resolve(target)));
}

/** A link is never made over another file, as a renaming would be. */
function takeName(file: string, target: string): void {
  try {
    linkSync(file, target);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") throw new InvalidArgument("target", "a file that does not exist", target, "Somebody has made it meanwhile.");
    // Some file systems know no links.
    if (existsSync(target)) throw error;
    renameSync(file, target);
    return;
  }
  rmSync(file);
}
