import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { programArguments } from "@reactive-domain/test-servers";

const COMMAND_LINE = new URL("../../../packages/tools/src/main.ts", import.meta.url);

/** `reactive-domain serve` in a process that can be killed, and started again on the same port. */
export class ServedProcess {
  readonly #store: string;
  #port = 0;
  #process: ChildProcess | undefined;

  constructor(store: string) {
    this.#store = store;
  }

  /** What clients connect to. */
  get url(): string {
    return `kurrentdb://127.0.0.1:${this.#port}?tls=false`;
  }

  /** Resolves when it listens. Throws where it ends before that. */
  async start(): Promise<void> {
    const args = ["serve", "--store", this.#store, "--port", String(this.#port), "--insecure", "--json"];
    const child = spawn(process.execPath, [...programArguments(COMMAND_LINE), ...args], { stdio: ["ignore", "pipe", "ignore"] });
    this.#process = child;
    const ended = once(child, "exit").then(([code]) => Promise.reject(new Error(`serve ended with ${String(code)} before it listened`)));
    const line = await Promise.race([once(createInterface({ input: child.stdout }), "line"), ended]);
    ended.catch(() => undefined);
    this.#port = (JSON.parse(String(line[0])) as { readonly port: number }).port;
  }

  /** SIGKILL; resolves when nothing of it runs. */
  async kill(): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  }
}
