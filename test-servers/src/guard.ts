import { spawn } from "node:child_process";
import { serverUser } from "./server-user.ts";

/** Cleans up after a server, also when its owner is killed. */
export interface Guard {
  /** Has the files of the directory removed, which takes a moment after the return. */
  release(): void;
}

/**
 * Reads until its owner releases it or is gone. Then it kills the server whose process id stands in the data directory, if that
 * still runs, and removes all of it, with the segment of shared memory that a killed server leaves. It removes twice because a
 * program that prepares the directory may be at it.
 */
const SCRIPT = `
read -r line
pid="$(head -n 1 "$1/data/postmaster.pid" 2>/dev/null)"
runs() { [ -n "$pid" ] && { tr '\\0' ' ' <"/proc/$pid/cmdline" || ps -o args= -p "$pid"; } 2>/dev/null | grep -qF "$1/data"; }
if runs "$1"; then
  kill -QUIT "$pid"
  for attempt in 1 2 3 4 5 6 7 8 9 10; do runs "$1" || break; sleep 1; done
  runs "$1" && kill -KILL "$pid"
fi
segment="$(sed -n 7p "$1/data/postmaster.pid" 2>/dev/null | awk '{ print $2 }')"
[ -n "$segment" ] && ipcrm -m "$segment"
rm -rf "$1"
sleep 2
rm -rf "$1"
`;

/** Starts a guard over the server of a directory. When this process ends in any way, it stops that server and removes its files. */
export function guard(directory: string): Guard {
  const child = spawn("/bin/sh", ["-c", SCRIPT, "guard", directory], {
    ...serverUser().ids,
    cwd: "/",
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  child.stdin.on("error", () => undefined);
  child.unref();
  return { release: () => void child.stdin.end() };
}
