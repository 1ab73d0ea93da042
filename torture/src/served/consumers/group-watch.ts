import { setTimeout as sleep } from "node:timers/promises";
import type { KurrentDBClient } from "@kurrent/kurrentdb-client";
import { sharedMs } from "./consumer-protocol.ts";
import type { ConsumingLedger } from "./consuming-ledger.ts";
import { GROUP_NAMES } from "./fates.ts";
import { stateOf } from "./subscribed.ts";

const [EVERY_MS, SLOW_MS] = [100, 300];

/** Takes down what a server tells of all groups, and when it was slow to tell it, until it is to end. */
export async function watchGroups(client: KurrentDBClient, ledger: ConsumingLedger, ending: AbortSignal): Promise<void> {
  while (!ending.aborted) {
    for (const group of GROUP_NAMES) {
      const fromMs = sharedMs();
      const state = await stateOf(client, group).catch(() => undefined);
      const atMs = sharedMs();
      if (state !== undefined) ledger.check({ group, place: state.settledUpTo, atMs });
      if (atMs - fromMs > SLOW_MS) ledger.interruptions.push({ fromMs, toMs: atMs });
    }
    await sleep(EVERY_MS);
  }
}
