import { join } from "node:path";
import { openSqliteStore } from "@reactive-domain/sqlite";
import { openAppendFloor } from "../../../floors/store-sqlite-append.mjs";
import { timed, type Work } from "../../measure.ts";
import { inTemporaryFolder } from "../../temporary-folder.ts";
import { appendBy } from "../append-by.ts";
import { newAppends } from "../new-appends.ts";

/** So many appends of so many events, by so many callers. */
export interface AppendLoad {
  readonly appends: number;
  readonly events: number;
  readonly callers: number;
}

/** Appends to a new store. */
export function appendToStore({ appends, events, callers }: AppendLoad, onDurability: (seen: string) => void): Work {
  return inNewFolder(async (folder) => {
    await using store = await openSqliteStore(join(folder, "store.db"));
    onDurability(store.durability);
    const load = newAppends(appends, events);
    return { units: appends * events, ms: await timed(() => appendBy(store, load, callers)) };
  });
}

/** The same rows by hand, a transaction for each round of the callers. */
export function appendToFloor({ appends, events, callers }: AppendLoad, onDurability: (seen: string) => void): Work {
  return inNewFolder(async (folder) => {
    const floor = openAppendFloor(join(folder, "floor.db"));
    onDurability(floor.durability);
    const load = newAppends(appends, events);
    const ms = await timed(() => {
      for (let start = 0; start < load.length; start += callers) floor.appendAll(load.slice(start, start + callers));
    });
    floor.close();
    return { units: appends * events, ms };
  });
}

function inNewFolder(run: (folder: string) => ReturnType<Work["run"]>): Work {
  return { run: () => inTemporaryFolder(run) };
}
