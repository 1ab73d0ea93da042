import { openAppendFloor } from "../../../floors/store-postgres-append.mjs";
import { timed, type Work } from "../../measure.ts";
import { newAppends } from "../new-appends.ts";
import { schemaOf } from "./place.ts";

/** So many appends of so many events, by so many callers. */
export interface AppendLoad {
  readonly appends: number;
  readonly events: number;
  readonly callers: number;
}

/** How the floor shares its transactions: each caller has a connection and its own, or one connection has one for each round of the callers. */
export type Sharing = "own" | "round";

/** The same rows by hand, into a new table. */
export function appendToFloor(url: string, load: AppendLoad, sharing: Sharing, onDurability: (seen: string) => void): Work {
  return {
    run: async () => {
      const { appends, events, callers } = load;
      const floor = await openAppendFloor({ url, schema: schemaOf("append_floor") }, sharing === "own" ? callers : 1);
      try {
        onDurability(floor.durability);
        const rounds = newAppends(appends, events);
        const ms = await timed(async () => {
          if (sharing === "own") return floor.appendEach(rounds);
          for (let start = 0; start < appends; start += callers) await floor.appendAll(rounds.slice(start, start + callers));
        });
        const units = appends * events;
        const found = await floor.count();
        if (found !== units) throw new Error(`The floor appended ${units} events, and its table holds ${found}.`);
        return { units, ms };
      } finally {
        await floor.close();
      }
    },
  };
}
