import { spawn, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

/** What a child said it had written. */
export interface Acknowledged {
  readonly stream: string;
  readonly version: number;
  readonly position: number;
}

export interface ChildWriter {
  readonly child: ChildProcess;
  readonly acknowledged: readonly Acknowledged[];
  /** Resolves when so many writes are acknowledged; rejects when the child ends before. */
  until(count: number): Promise<void>;
  /** Resolves with the exit code, or the signal, when all output has been read. */
  readonly ended: Promise<number | string | null>;
}

/** Starts another process that appends `count` events to the store in a file. */
export function startChildWriter(path: string, name: string, count: number): ChildWriter {
  return startChild(new URL("child-writer.ts", import.meta.url), [path, name, String(count)]);
}

/** Starts another process that handles the events of the group `mailer`. What it acknowledges is the consequence of each. */
export function startChildConsumer(path: string, name: string): ChildWriter {
  return startChild(new URL("child-consumer.ts", import.meta.url), [path, name]);
}

function startChild(script: URL, options: readonly string[]): ChildWriter {
  const child = spawn(process.execPath, ["--conditions=@reactive-domain/source", "--import", "tsx", fileURLToPath(script), ...options], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const acknowledged: Acknowledged[] = [];
  const waiting = new Set<() => void>();
  createInterface({ input: child.stdout }).on("line", (line) => {
    const [stream = "", version, position] = line.split(" ");
    if (position !== undefined && position !== "") acknowledged.push({ stream, version: Number(version), position: Number(position) });
    for (const check of waiting) check();
  });
  const ended = new Promise<number | string | null>((resolve) => child.once("close", (code, signal) => resolve(code ?? signal)));
  const until = (wanted: number): Promise<void> =>
    new Promise((resolve, reject) => {
      const check = (): void => (acknowledged.length >= wanted ? resolve() : undefined);
      waiting.add(check);
      check();
      void ended.then((how) => reject(new Error(`The child ended (${how}) after ${acknowledged.length} of ${wanted} writes.`)));
    });
  return { child, acknowledged, until, ended };
}
