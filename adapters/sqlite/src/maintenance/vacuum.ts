import { sleep } from "@reactive-domain/core";
import { StoreUnavailable, type VacuumResult } from "@reactive-domain/persistence";
import { untilFree } from "../while-busy.ts";
import type { FileSession, StoreFile } from "./file-session.ts";
import { bytesOfFile } from "./read-status.ts";
import { refuseWithoutRoom } from "./room.ts";

const RETRY_MS = 1;

/** Writes the file anew without its unused pages, and cuts it. The new pages go through the log, so a killed vacuum leaves the file as it was. */
export async function vacuum(session: FileSession): Promise<VacuumResult> {
  const { file, sql, busyWait } = session;
  const before = bytesWithLog(file);
  await refuseWithoutRoom(file.path, file.name, await usedBytes(session));
  await sql.all("PRAGMA synchronous = FULL");
  await untilFree(() => sql.all("VACUUM"), busyWait);
  await cut(session);
  return { before, after: bytesWithLog(file) };
}

async function usedBytes({ sql, busyWait }: FileSession): Promise<number> {
  const pages = await untilFree(() => sql.value<number>("PRAGMA page_count"), busyWait);
  return (pages - (await sql.value<number>("PRAGMA freelist_count"))) * (await sql.value<number>("PRAGMA page_size"));
}

/** Moves the log into the file, which needs a moment in which nobody reads from the log or writes. */
async function cut({ file, sql, busyWait, signal }: FileSession): Promise<void> {
  const { clock } = file.runtime;
  const deadlineMs = clock.monotonicMs() + busyWait.timeoutMs;
  while ((await sql.value<number>("PRAGMA wal_checkpoint(TRUNCATE)")) !== 0) {
    if (clock.monotonicMs() >= deadlineMs)
      throw new StoreUnavailable(
        file.name,
        "was vacuumed, but others read or wrote all the time, so that its file could not be cut; that happens when they pause, or vacuum again",
        { retryable: true },
      );
    await sleep(RETRY_MS, { runtime: file.runtime, signal });
  }
}

function bytesWithLog({ path }: StoreFile): number {
  return bytesOfFile(path) + bytesOfFile(`${path}-wal`);
}
