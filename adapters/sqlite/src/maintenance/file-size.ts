import { statSync } from "node:fs";
import type { SqlThread } from "../sql-thread.ts";

/** What the pages of a file hold, in bytes. */
export interface Pages {
  readonly used: number;
  readonly free: number;
}

export async function pagesOf(sql: SqlThread): Promise<Pages> {
  const [all, free] = [await sql.value<number>("PRAGMA page_count"), await sql.value<number>("PRAGMA freelist_count")];
  const pageBytes = await sql.value<number>("PRAGMA page_size");
  return { used: (all - free) * pageBytes, free: free * pageBytes };
}

/** 0 where there is none. */
export function bytesOfFile(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** The write-ahead log that lies beside a file; 0 where there is none. */
export function bytesOfLog(path: string): number {
  return bytesOfFile(`${path}-wal`);
}
