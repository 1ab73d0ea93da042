import { spawn, spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "./free-port.ts";
import { until } from "./processes.ts";
import { serverUser } from "./server-user.ts";

export interface PgBouncer extends AsyncDisposable {
  /** Of the same database as the server's, by way of it. */
  readonly url: string;
}

/** Why there can be no pgbouncer here; `undefined` where there can. */
export function whyNoPgBouncer(): string | undefined {
  const { error } = spawnSync("pgbouncer", ["--version"]);
  return error === undefined ? undefined : `pgbouncer cannot be run (${error.message}); install it`;
}

/** Starts pgbouncer in transaction mode before a server: each transaction may get another connection of few. */
export async function startPgBouncer(serverUrl: string): Promise<PgBouncer> {
  const { hostname, port: serverPort, username, pathname } = new URL(serverUrl);
  const folder = mkdtempSync(join(tmpdir(), "pgbouncer-"));
  chmodSync(folder, 0o755);
  const port = await freePort();
  writeFileSync(
    join(folder, "pgbouncer.ini"),
    `[databases]\n* = host=${hostname} port=${serverPort} user=${username}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = ${port}\n` +
      "auth_type = any\npool_mode = transaction\ndefault_pool_size = 4\nunix_socket_dir =\n",
  );
  const child = spawn("pgbouncer", ["-q", join(folder, "pgbouncer.ini")], { stdio: "ignore", ...serverUser().ids });
  const listening = { isSeen: false };
  const look = (): boolean => {
    const socket = connect(port, "127.0.0.1", () => {
      listening.isSeen = true;
      socket.end();
    }).on("error", () => undefined);
    return listening.isSeen;
  };
  await until(look, "pgbouncer does not listen");
  return {
    url: `postgres://${username}@127.0.0.1:${port}${pathname}`,
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL");
      await until(() => child.exitCode !== null || child.signalCode !== null, "pgbouncer does not end");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
