import { withClient } from "@reactive-domain/test-servers";
import { expect } from "vitest";

/** Resolves with the process ids of the server's sessions that wait for an advisory lock, when there are so many. */
export async function waitingSessions(url: string, key: number, count = 1): Promise<readonly number[]> {
  return withClient(url, async (client) => {
    const pids = async (): Promise<readonly number[]> => {
      const waiting = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND classid = 0 AND objid = $1 ORDER BY pid";
      return (await client.query<{ readonly pid: number }>(waiting, [key])).rows.map(({ pid }) => pid);
    };
    await expect.poll(pids, { interval: 5, timeout: 8_000 }).toHaveLength(count);
    return pids();
  });
}
