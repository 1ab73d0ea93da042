import { spawn, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { programArguments } from "@reactive-domain/test-servers";
import { onTestFinished } from "vitest";

/** A process that says on standard output what it does, in lines of words. */
export interface Child {
  readonly process: ChildProcess;
  /** What it has said, word by word. */
  readonly said: readonly (readonly string[])[];
  /** Resolves when it has said so many lines; rejects when it ends before. */
  until(lines: number): Promise<void>;
  /** Resolves with the exit code, or the signal, when all that it said has been read. */
  readonly ended: Promise<number | string | null>;
}

/** What a child said that was written. */
export interface Written {
  readonly stream: string;
  readonly version: number;
  readonly position: number;
}

/** Starts a program on the store of a place; it does not outlive the test. */
export function startChild(program: URL, place: string, ...options: readonly (string | number)[]): Child {
  const child = spawn(process.execPath, [...programArguments(program), place, ...options.map(String)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  child.stdin.on("error", () => undefined);
  onTestFinished(() => void child.kill("SIGKILL"));
  const said: (readonly string[])[] = [];
  const waiting = new Set<() => void>();
  createInterface({ input: child.stdout }).on("line", (line) => {
    said.push(line.split(" "));
    for (const check of waiting) check();
  });
  const ended = new Promise<number | string | null>((resolve) => child.once("close", (code, signal) => resolve(code ?? signal)));
  const until = (wanted: number): Promise<void> =>
    new Promise((resolve, reject) => {
      const check = (): void => (said.length >= wanted ? resolve() : undefined);
      waiting.add(check);
      check();
      void ended.then((how) => reject(new Error(`The child ended (${how}) after ${said.length} of ${wanted} lines.`)));
    });
  return { process: child, said, until, ended };
}

/** The lines `written <stream> <version> <position>` of a child. */
export function writtenBy({ said }: Child): readonly Written[] {
  return said.flatMap(([word, stream = "", version, position]) =>
    word === "written" && position !== undefined ? [{ stream, version: Number(version), position: Number(position) }] : [],
  );
}
