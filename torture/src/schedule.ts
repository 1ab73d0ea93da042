import { Random } from "./random.ts";
import type { Slot } from "./protocol.ts";

/** When a child is killed: so long after its start, or at once after it reports something. */
export interface Moment {
  readonly afterMs: number;
  readonly report?: "scavenging" | "sent" | "acknowledged" | "open";
}

/** Children that write at the same time, and when they are killed. After the first kill of two the killed one comes back beside the other. */
export type Round =
  | { readonly kind: "alone"; readonly slot: Slot; readonly moment: Moment }
  | { readonly kind: "pair"; readonly first: Slot; readonly moments: readonly [Moment, Moment, Moment] };

export const PAIR_KILLS = 3;
const PAIR_CHANCE = 0.2;
const SLOT_B_CHANCE = 0.25;
/** One in so many kills comes while the store is being opened, or just after. */
const EARLY_CHANCE = 0.12;
const EARLY_MS = 60;
const LONGEST_MS = 900;
const REPORTS = [undefined, undefined, undefined, "scavenging", "sent", "acknowledged", "open"] as const;

/** The rounds of a run, from its seed alone. */
export function scheduleOf(seed: number, kills: number): readonly Round[] {
  const random = Random.of(seed, "schedule");
  const rounds: Round[] = [];
  for (let left = kills; left > 0;) {
    const round: Round =
      left >= PAIR_KILLS && random.chance(PAIR_CHANCE)
        ? { kind: "pair", first: random.pick(["a", "b"]), moments: [momentOf(random), momentOf(random), momentOf(random)] }
        : { kind: "alone", slot: random.chance(SLOT_B_CHANCE) ? "b" : "a", moment: momentOf(random) };
    rounds.push(round);
    left -= round.kind === "pair" ? PAIR_KILLS : 1;
  }
  return rounds;
}

function momentOf(random: Random): Moment {
  const afterMs = random.chance(EARLY_CHANCE) ? random.integer(0, EARLY_MS) : random.integer(EARLY_MS, LONGEST_MS);
  const report = random.pick(REPORTS);
  return report === undefined ? { afterMs } : { afterMs, report };
}
