import { setTimeout as sleep } from "node:timers/promises";
import { START, type AllStreamResolvedEvent, type AllStreamSubscription, type Position } from "@kurrent/kurrentdb-client";
import type { Serving } from "./serving-writer.ts";

const PAUSE_MS = 25;

/** Where a subscriber goes on after an interruption. */
export interface Resume {
  /** The place behind which it goes on, of those that it has seen, the last one last. */
  (seen: readonly Position[]): Position | typeof START;
}

/** Faults that can be planted: it goes on one event too early, or one too late. */
export const RESUME_SABOTAGES = ["resume-early", "resume-late"] as const;

export type ResumeSabotage = (typeof RESUME_SABOTAGES)[number];

/** Behind the last event that was handled: its checkpoint; or with a planted fault. */
export function resumeWith(sabotage: string | undefined): Resume {
  if (sabotage === "resume-early") return (seen) => seen.at(-2) ?? START;
  if (sabotage !== "resume-late") return (seen) => seen.at(-1) ?? START;
  return (seen) => {
    const last = seen.at(-1);
    return last === undefined ? START : { commit: last.commit + 1n, prepare: last.prepare + 1n };
  };
}

/** Follows the log by the official client, from its own checkpoint after each interruption, until it ends. */
export async function followByClient(name: string, { client, ledger, ending }: Serving, resume: Resume): Promise<void> {
  const seen: Position[] = [];
  let open: AllStreamSubscription | undefined;
  const stop = (): void => void open?.unsubscribe().catch(() => undefined);
  ending.addEventListener("abort", stop, { once: true });
  while (!ending.aborted) {
    try {
      open = client.subscribeToAll({ fromPosition: resume(seen) });
      for await (const { event } of open) if (take(event)) seen.push((event as Event).position);
    } catch {
      await sleep(PAUSE_MS);
    }
  }

  function take(event: AllStreamResolvedEvent["event"]): boolean {
    if (event === undefined || event.type.startsWith("$")) return false;
    ledger.see(name, { id: event.id, position: Number(event.position.commit) });
    return true;
  }
}

type Event = NonNullable<AllStreamResolvedEvent["event"]>;
