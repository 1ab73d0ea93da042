import { closeSync, openSync, rmSync, statSync } from "node:fs";
import { resolve } from "node:path";
import type { Position } from "@reactive-domain/core";
import { StoreUnavailable, type BackupOptions, type BackupResult } from "@reactive-domain/persistence";
import Database from "better-sqlite3";
import { APPLICATION_ID } from "../migrations/migrate.ts";
import { SqlThread } from "../sql-thread.ts";
import { untilFree } from "../while-busy.ts";
import { headIn } from "./any-schema.ts";
import type { FileSession } from "./file-session.ts";
import { flush, publish, refuseTarget } from "./publish-file.ts";

/**
 * Copies a file as it is at one moment. `VACUUM INTO` reads one snapshot, in one go, whoever writes meanwhile; SQLite's backup by pages would begin again with
 * every commit of another process, and beside a steady writer never end.
 */
export async function backUp(session: FileSession, target: string, { replace = false }: BackupOptions): Promise<BackupResult> {
  try {
    refuseTarget(session.file.path, target, replace);
    return await copyTo(session, target, replace);
  } catch (error) {
    throw copyFailure(error, session.file.name, target);
  }
}

async function copyTo(session: FileSession, target: string, replace: boolean): Promise<BackupResult> {
  const { file, sql, busyWait, signal } = session;
  const partial = resolve(`${target}.partial-${file.runtime.ids.next()}`);
  makeEmpty(partial, file.path);
  try {
    await untilFree(() => sql.all("VACUUM INTO ?", partial), busyWait);
    await flush(partial);
    const head = await verifyCopy(session, partial);
    const { size } = statSync(partial);
    signal?.throwIfAborted();
    await publish(partial, target, replace);
    return { target, bytes: size, head };
  } finally {
    remove(partial);
    // What was given up ends soon, now that its file has no name; it may have made another just then. If that stays, it is in nobody's way.
    if (signal?.aborted === true) void sql.ended.then(() => remove(partial)).catch(() => undefined);
  }
}

function remove(partial: string): void {
  for (const suffix of ["", "-journal"]) rmSync(partial + suffix, { force: true });
}

/** What went wrong with the place where the copy was to be; what else went wrong comes back as it is. */
function copyFailure(error: unknown, name: string, target: string): unknown {
  if (!(error instanceof Error) || !isOfFile(error)) return error;
  return new StoreUnavailable(name, `could not be copied to ${target}: ${error.message}; look for room and permissions there`, {
    retryable: error.code === "ENOSPC" || error.code === "SQLITE_FULL",
    cause: error,
  });
}

/** Whether an error is the file system's, as Node.js or SQLite tells it. */
function isOfFile(error: Error): error is NodeJS.ErrnoException {
  if ("syscall" in error) return true;
  return error instanceof Database.SqliteError && /^SQLITE_(FULL|IOERR|CANTOPEN|READONLY|PERM)/.test(error.code);
}

/** A copy is as private as what it is a copy of, from its first byte. */
function makeEmpty(path: string, like: string): void {
  closeSync(openSync(path, "wx", statSync(like).mode));
}

/** Reads all of a copy, and tells where its log ends. Errors: `store-unavailable` where it is not what it must be. */
async function verifyCopy({ file, sql, schemaVersion, signal }: FileSession, path: string): Promise<Position | null> {
  await using copy = new SqlThread({ path, readOnly: true, signal });
  const is = {
    quick_check: await copy.value("PRAGMA quick_check(1)"),
    application_id: await copy.value("PRAGMA application_id"),
    user_version: await copy.value("PRAGMA user_version"),
    epoch: await copy.value("SELECT epoch FROM log"),
  };
  const must = {
    quick_check: "ok",
    application_id: APPLICATION_ID,
    user_version: schemaVersion,
    epoch: await sql.value("SELECT epoch FROM log"),
  };
  const wrong = (Object.keys(must) as (keyof typeof must)[]).find((name) => is[name] !== must[name]);
  if (wrong === undefined) return await copy.value<Position | null>(`SELECT ${headIn(schemaVersion)}`);
  throw new StoreUnavailable(
    file.name,
    `could not be copied: the copy has ${wrong} ${String(is[wrong])} where it must be ${String(must[wrong])}; check the disk, and try again`,
    { retryable: true },
  );
}
