import { appendFileSync, chownSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { guard, type Guard } from "./guard.ts";
import { serverPrograms } from "./programs.ts";
import { runProgram } from "./run-program.ts";
import { serverUser } from "./server-user.ts";

/** Lines of postgresql.conf by name. */
export type ServerSettings = Readonly<Record<string, string | number | boolean>>;

/** No sockets in folders that others may use; nothing in /dev/shm that would stay there after a SIGKILL. All else is the default. */
const SETTINGS: ServerSettings = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  max_connections: 200,
  dynamic_shared_memory_type: "mmap",
};

/** An ordinary language, so that what counts on the order of bytes without asking for it is found out. */
const LOCALE = ["--encoding=UTF8", "--locale=C", "--locale-provider=icu", "--icu-locale=en-US"];

/** The files of one server: `data`, and the `log` of what it says. They do not outlive this process. */
export class ServerFiles {
  readonly directory: string;
  readonly #guard: Guard;

  constructor() {
    this.directory = mkdtempSync(join(tmpdir(), "reactive-domain-postgres-"));
    const { uid, gid } = serverUser().ids;
    if (uid !== undefined && gid !== undefined) chownSync(this.directory, uid, gid);
    this.#guard = guard(this.directory);
  }

  get data(): string {
    return join(this.directory, "data");
  }

  get log(): string {
    return join(this.directory, "log");
  }

  /** Fills the data directory from another one that has never been started, or anew, which takes longer. */
  async fill(template?: string): Promise<void> {
    if (template !== undefined) return runProgram("cp", ["-Rp", template, this.data]);
    const init = ["-D", this.data, "--username=postgres", "--auth=trust", "--no-sync", "--no-instructions", ...LOCALE];
    await runProgram(serverPrograms().initdb, init);
  }

  /** Adds settings; the last one of a name is the one that holds. */
  configure(settings: ServerSettings): void {
    const lines = Object.entries({ ...SETTINGS, ...settings }).map(
      ([name, value]) => `${name} = '${String(value).replaceAll("'", "''")}'\n`,
    );
    appendFileSync(join(this.data, "postgresql.conf"), lines.join(""));
  }

  /** Whether the server with this process id takes connections. */
  isReady(pid: number): boolean {
    const lines = this.#lines();
    return Number(lines[0]) === pid && ["ready", "standby"].includes(lines[7]?.trim() ?? "");
  }

  /** What a server that runs, or was killed, tells of itself. */
  #lines(): readonly string[] {
    try {
      return readFileSync(join(this.data, "postmaster.pid"), "utf8").split("\n");
    } catch (error) {
      // A server that begins puts a new one in the place of one that was left.
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
      throw error;
    }
  }

  /** The last lines that the server has said. */
  lastSaid(): string {
    return readFileSync(this.log, "utf8").split("\n").slice(-30).join("\n");
  }

  /** Has all of it removed. The server must not run. */
  remove(): void {
    this.#guard.release();
  }
}
