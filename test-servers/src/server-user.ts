import { spawnSync } from "node:child_process";
import { userInfo } from "node:os";

/** Who runs the programs of a server. Without ids they run as whoever runs the tests. */
export interface ServerUser {
  readonly name: string;
  readonly ids: { readonly uid?: number; readonly gid?: number };
}

const ROOT = 0;
const STAND_INS = ["postgres", "nobody"];

/** PostgreSQL refuses to run as root: `postgres` stands in where there is such a user, and `nobody` where there is none. */
export function serverUser(): ServerUser {
  const { uid, username } = userInfo();
  if (uid !== ROOT) return { name: username, ids: {} };
  for (const name of STAND_INS) {
    const ids = { uid: idOf("-u", name), gid: idOf("-g", name) };
    if (ids.uid !== undefined && ids.gid !== undefined) return { name, ids: { uid: ids.uid, gid: ids.gid } };
  }
  throw new Error(`PostgreSQL does not run as root, and there is no user to stand in: neither of ${STAND_INS.join(" and ")}.`);
}

function idOf(flag: "-u" | "-g", name: string): number | undefined {
  const { status, stdout } = spawnSync("id", [flag, name], { encoding: "utf8" });
  return status === 0 ? Number(stdout) : undefined;
}
