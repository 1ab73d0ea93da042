import { setTimeout as sleep } from "node:timers/promises";
import { withClient } from "@reactive-domain/test-servers";

const SETTLED_WITHIN_MS = 30_000;
const LOOK_MS = 5;

/** Resolves when nobody has a connection of that name: what a killed process has sent is still done by the server, and may take its time. */
export async function settled(url: string, schema: string): Promise<void> {
  const others = "SELECT pid, state, query FROM pg_stat_activity WHERE application_name = $1 AND pid <> pg_backend_pid()";
  await withClient(url, async (client) => {
    for (const deadline = performance.now() + SETTLED_WITHIN_MS; ; await sleep(LOOK_MS)) {
      const { rows } = await client.query<Record<string, unknown>>(others, [schema]);
      if (rows.length === 0) return;
      if (performance.now() > deadline) throw new Error(`The server still works for the dead: ${JSON.stringify(rows)}`);
    }
  });
}
