import { startChild, type Child } from "@reactive-domain/store-tests/vitest";

/** Starts a program beside this file on the store at a URL. */
export function startProgram(program: `child-${string}.ts`, url: string, ...options: readonly (string | number)[]): Child {
  return startChild(new URL(program, import.meta.url), url, ...options);
}
