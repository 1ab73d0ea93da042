import { currentRuntime } from "@reactive-domain/core";
import type { Pool, PoolClient } from "pg";
import { destroyConnection } from "./destroy-connection.ts";

const FAREWELL_MS = 1_000;

/** Keeps an account of the connections of a pool. Returns what ends the pool with all of them: those whose farewell nobody answers are destroyed. */
export function farewellOf(pool: Pool): () => Promise<void> {
  const { scheduler } = currentRuntime();
  const open = new Map<PoolClient, Promise<void>>();
  pool.on("connect", (client) => {
    const ended = new Promise<void>((resolve) => void client.once("end", resolve));
    open.set(client, ended);
    void ended.then(() => open.delete(client));
  });
  return async () => {
    await pool.end();
    const cancel = scheduler.after(FAREWELL_MS, () => {
      for (const client of open.keys()) destroyConnection(client);
    });
    await Promise.all(open.values());
    cancel();
  };
}
