import { runRival, type RivalOutcome } from "../../rival-process.ts";

const SECONDS = "20";
/** Fewer events than ours, since only rates are compared: what it cannot do in the time is left. */
const EVENTS = "100000";

/** How Emmett rebuilds: documents at its defaults, documents in batches without a pause, or rows by a statement for each event. */
export type EmmettConsumer = "default" | "tuned" | "bare";

/** A rebuild of Emmett over events of 10,000 keys, in a schema of its own that it drops. */
export function rebuildByEmmett(url: string, consumer: EmmettConsumer): Promise<RivalOutcome> {
  const flags = ["--url", url, "--seconds", SECONDS, "--events", EVENTS, "--consumer", consumer];
  return runRival("emmett-postgresql", flags, { program: "rebuild.mjs" });
}
