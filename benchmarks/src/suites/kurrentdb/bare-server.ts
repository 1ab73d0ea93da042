import { join } from "node:path";
import { FACTS } from "../new-appends.ts";
import { startLineProcess } from "./line-process.ts";

const PROGRAM = join(import.meta.dirname, "../../../floors/kurrentdb-bare-server.mjs");

/** A server that answers everything with what it made beforehand: what is measured against it is the client alone. */
export async function startBareServer(events: number): Promise<AsyncDisposable & { readonly url: string }> {
  const started = await startLineProcess([PROGRAM, String(events), FACTS.data, FACTS.metadata]);
  return { url: `kurrentdb://127.0.0.1:${started.line}?tls=false`, [Symbol.asyncDispose]: () => started[Symbol.asyncDispose]() };
}
