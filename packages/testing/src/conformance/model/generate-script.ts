import type { Gaps } from "@reactive-domain/persistence";
import { Chance } from "./chance.ts";
import { ReadGenerator } from "./read-generator.ts";
import { STREAMS } from "./script-names.ts";
import type { Action, Script } from "./script.ts";
import { WriteGenerator } from "./write-generator.ts";

/** What a script is to be like. */
export interface ScriptShape {
  readonly seed: number;
  readonly steps: number;
  readonly callers: number;
  /** What the store lacks is not done. */
  readonly gaps: Gaps;
}

/** Makes a script: the same for the same shape. */
export function generateScript({ seed, steps, callers, gaps }: ScriptShape): Script {
  const chance = new Chance(seed);
  const writes = new WriteGenerator(chance, gaps);
  const reads = new ReadGenerator(chance);
  // A scavenge need not be done at one moment: others would see a part of it.
  const mayScavenge = callers === 1 && writes.has("scavenge");
  const action = (): Action =>
    chance.weighted<Action>([
      [8, () => ({ kind: "write", items: writes.write() })],
      [8, () => reads.read(writes.model.written.length)],
      [1, () => ({ kind: "info", stream: chance.of([...STREAMS, "missing"]) })],
      [mayScavenge ? 2 : 0, () => scavenge(writes)],
      [3, () => reads.follow(writes.model.written.length)],
      [reads.hasOpened ? 3 : 0, () => ({ kind: "advance", subscription: reads.opened, messages: 1 + chance.below(4) })],
      [reads.hasOpened ? 1 : 0, () => ({ kind: "leave", subscription: reads.opened })],
    ]);
  return Array.from({ length: steps }, () => ({ caller: chance.below(callers), action: action() }));
}

function scavenge(writes: WriteGenerator): Action {
  writes.scavenge();
  return { kind: "scavenge" };
}
