import { sleep } from "@reactive-domain/core";
import { StoreUnavailable, type VacuumResult } from "@reactive-domain/persistence";
import { untilFree } from "../while-busy.ts";
import type { FileSession, StoreFile } from "./file-session.ts";
import { bytesOfFile, bytesOfLog, pagesOf } from "./file-size.ts";
import { refuseWithoutRoom } from "./room.ts";

const RETRY_MS = 1;

/** Writes the file anew without its unused pages, and cuts it. The new pages go through the log, so a killed vacuum leaves the file as it was. */
export async function vacuum(session: FileSession): Promise<VacuumResult> {
  const { file, sql, busyWait } = session;
  const before = bytesWithLog(file);
  const { used } = await untilFree(() => pagesOf(sql), busyWait);
  await refuseWithoutRoom(file.path, file.name, used);
  await sql.all("PRAGMA synchronous = FULL");
  await untilFree(() => sql.all("VACUUM"), busyWait);
  await cut(session);
  return { before, after: bytesWithLog(file) };
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
  return bytesOfFile(path) + bytesOfLog(path);
}
