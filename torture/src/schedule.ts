import { Random } from "./random.ts";
import { SLOTS, type Slot } from "./protocol.ts";

/** When a child is killed: so long after its start, or at once after it reports something. */
export interface Moment {
  readonly afterMs: number;
  readonly report?: "scavenging" | "sent" | "acknowledged" | "open";
}

/** When the server is killed in a round, and for how long it stays away. */
export interface ServerKill {
  readonly afterMs: number;
  readonly downMs: number;
  /** Whether all children have to write again, before the first of them is killed. */
  readonly isLivedThrough: boolean;
}

/** When a child is stopped, by its place in the round: so long after the start of the round or the stop before, for longer than its leases. Behind it, it may go on so long before anything is killed. */
export interface Stop {
  readonly child: number;
  readonly afterMs: number;
  readonly stoppedMs: number;
  readonly thenMs: number;
}

/** Children that write at the same time, and when they are killed: after the first kill of several the killed one comes back beside the others, and is killed last. */
export interface Round {
  readonly slots: readonly Slot[];
  /** One for each kill. */
  readonly moments: readonly Moment[];
  readonly serverKills: readonly ServerKill[];
  readonly stops: readonly Stop[];
}

export interface Plan {
  readonly kills: number;
  /** How often the server is killed. Default 0. */
  readonly serverKills?: number;
  /** How often a child is stopped, where several write. Default 0. */
  readonly stops?: number;
  /** How many processes may write at the same time, from 2. Default 2. */
  readonly most?: number;
}

const TOGETHER_CHANCE = 0.2;
/** Where more than two may write at the same time, that is what is looked at. */
const MANY_CHANCE = 0.4;
const SLOT_B_CHANCE = 0.25;
/** One in so many kills comes while the store is being opened, or just after. */
const EARLY_CHANCE = 0.12;
const EARLY_MS = 60;
const LONGEST_MS = 900;
const REPORTS = [undefined, undefined, undefined, "scavenging", "sent", "acknowledged", "open"] as const;
const LONGEST_DOWN_MS = 1_000;
const LIVED_THROUGH_CHANCE = 0.8;
/** The longest lease of a child that is killed lasts a second. */
const STOPPED_MS = { least: 1_100, most: 1_600 };
const LONGEST_THEN_MS = 300;

/** The rounds of a run, from its seed alone. */
export function scheduleOf(seed: number, { kills, serverKills = 0, stops = 0, most = 2 }: Plan): readonly Round[] {
  const random = Random.of(seed, "schedule");
  const rounds: Round[] = [];
  for (let left = kills; left > 0;) {
    const slots = slotsOf(random, left, most);
    const moments = killedOf(slots).map(() => momentOf(random));
    rounds.push({ slots, moments, serverKills: [], stops: [] });
    left -= moments.length;
  }
  return withStops(withServerKills(rounds, Random.of(seed, "server"), serverKills), Random.of(seed, "stops"), stops);
}

/** The slots of a round in the order of its kills. */
export function killedOf(slots: readonly Slot[]): readonly Slot[] {
  return slots.length > 1 ? [...slots, ...slots.slice(0, 1)] : slots;
}

function slotsOf(random: Random, left: number, most: number): readonly Slot[] {
  if (left < most + 1 || !random.chance(most > 2 ? MANY_CHANCE : TOGETHER_CHANCE)) return [random.chance(SLOT_B_CHANCE) ? "b" : "a"];
  const count = most > 2 ? random.integer(2, most) : 2;
  const first = random.integer(0, most - 1);
  return Array.from({ length: count }, (_, index) => SLOTS[(first + index) % most] ?? SLOTS[0]);
}

function momentOf(random: Random): Moment {
  const afterMs = random.chance(EARLY_CHANCE) ? random.integer(0, EARLY_MS) : random.integer(EARLY_MS, LONGEST_MS);
  const report = random.pick(REPORTS);
  return report === undefined ? { afterMs } : { afterMs, report };
}

function withServerKills(rounds: readonly Round[], random: Random, count: number): readonly Round[] {
  const kills = new Map<number, ServerKill[]>();
  for (let kill = 0; kill < count; kill++) {
    const round = random.integer(0, rounds.length - 1);
    const serverKill = {
      afterMs: random.integer(0, LONGEST_MS),
      downMs: random.integer(0, LONGEST_DOWN_MS),
      isLivedThrough: random.chance(LIVED_THROUGH_CHANCE),
    };
    kills.set(round, [...(kills.get(round) ?? []), serverKill]);
  }
  return rounds.map((round, index) => ({ ...round, serverKills: kills.get(index) ?? [] }));
}

/** Who is stopped alone loses its leases to nobody: stops are in rounds with several children. */
function withStops(rounds: readonly Round[], random: Random, count: number): readonly Round[] {
  const [first, ...others] = rounds.flatMap(({ slots }, index) => (slots.length > 1 ? [index] : []));
  if (first === undefined) return rounds;
  const stops = new Map<number, Stop[]>();
  for (let stop = 0; stop < count; stop++) {
    const round = random.pick([first, ...others]);
    const ofRound = {
      child: random.integer(0, (rounds[round]?.slots.length ?? 1) - 1),
      afterMs: random.integer(0, LONGEST_MS),
      stoppedMs: random.integer(STOPPED_MS.least, STOPPED_MS.most),
      thenMs: random.integer(0, LONGEST_THEN_MS),
    };
    stops.set(round, [...(stops.get(round) ?? []), ofRound]);
  }
  return rounds.map((round, index) => ({ ...round, stops: stops.get(index) ?? [] }));
}
