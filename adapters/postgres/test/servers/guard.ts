import { spawn } from "node:child_process";
import { serverUser } from "./server-user.ts";

/** Watches over a server whose owner may be killed. */
export interface Guard {
  /** Ends the watch: the owner has cleaned up. */
  release(): void;
}

/**
 * Reads until its owner says that all is well or is gone. In the second case it stops the server whose process id stands in the
 * data directory, if that is still this server, and removes all of it, with the segment of shared memory that a killed server
 * leaves. It removes twice because a program that prepares the directory may be at it.
 */
const SCRIPT = `
read -r line && exit 0
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

/** Starts a watch over the server of a directory: when this process ends in any way, that server is stopped and its files are removed. */
export function guard(directory: string): Guard {
  const child = spawn("/bin/sh", ["-c", SCRIPT, "guard", directory], {
    ...serverUser().ids,
    cwd: "/",
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  child.stdin.on("error", () => undefined);
  child.unref();
  return { release: () => void child.stdin.end("well\n") };
}
