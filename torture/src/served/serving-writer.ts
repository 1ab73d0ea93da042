import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { jsonEvent, NO_STREAM, WrongExpectedVersionError, type KurrentDBClient } from "@kurrent/kurrentdb-client";
import type { Findings } from "../findings.ts";
import type { ServingLedger } from "./serving-ledger.ts";

const PAUSE_MS = 25;
/** The client has no deadline of its own for an answer that was lost. */
const ANSWER_MS = 5_000;

export interface Serving {
  readonly client: KurrentDBClient;
  readonly ledger: ServingLedger;
  readonly findings: Findings;
  /** Aborted when nothing new is to be begun. */
  readonly ending: AbortSignal;
}

/** Appends to a stream of its own, one event after another, each with an id and its exact version; what has no answer is sent again as it was. */
export async function writeInto(stream: string, { client, ledger, findings, ending }: Serving): Promise<void> {
  for (let next = 0; !ending.aborted; next++) {
    const id = randomUUID();
    const event = jsonEvent({ id, type: "EntryMade", data: { key: `${stream}#${next}` } });
    ledger.sent.add(id);
    const told = await appended(async () => {
      const { nextExpectedRevision, position } = await client.appendToStream(stream, event, {
        streamState: next === 0 ? NO_STREAM : BigInt(next - 1),
      });
      return { id, stream, revision: Number(nextExpectedRevision), position: Number(position?.commit ?? -1n) };
    });
    if (told instanceof Error) {
      findings.addFault(`${stream}#${next}, sent again with the same id, was refused: ${told.message}`);
      return;
    }
    ledger.acknowledge(told);
  }
}

/** Tries until there is an answer. */
async function appended<T>(append: () => Promise<T>): Promise<T | Error> {
  for (;;) {
    try {
      return await Promise.race([append(), late()]);
    } catch (error) {
      if (error instanceof WrongExpectedVersionError) return error;
      await sleep(PAUSE_MS);
    }
  }
}

async function late(): Promise<never> {
  await sleep(ANSWER_MS, undefined, { ref: false });
  throw new Error("No answer came.");
}
