import { shownUrl } from "@reactive-domain/core";
import { GroupNotFound, type ConsumerGroups } from "@reactive-domain/persistence";
import { UsageError } from "../../errors.ts";
import { openStore, openStoreForChanges } from "../../open-store.ts";
import { printable } from "../../printable.ts";
import { refusalsAsUsage } from "../../store-url.ts";
import { othersText } from "../projections/kept-projection.ts";

/** The options of every command about groups. */
export interface GroupOptions {
  /** The URL of the store. */
  readonly store: string;
  readonly json?: boolean;
}

/** Looks at the groups of a store. Throws {@link UsageError} where what is asked for is not there, with what else there is. */
export async function lookAtGroups<T>({ store }: GroupOptions, look: (groups: ConsumerGroups) => Promise<T>): Promise<T> {
  await using opened = await openStore(store);
  return await known(opened.groups, store, look);
}

/** The same, to change them. */
export async function changeGroups<T>({ store }: GroupOptions, change: (groups: ConsumerGroups) => Promise<T>): Promise<T> {
  await using opened = await openStoreForChanges(store);
  return await known(opened.groups, store, change);
}

async function known<T>(groups: ConsumerGroups, url: string, work: (groups: ConsumerGroups) => Promise<T>): Promise<T> {
  try {
    return await refusalsAsUsage(() => work(groups));
  } catch (cause) {
    if (!(cause instanceof GroupNotFound)) throw cause;
    const names = (await groups.list()).map(({ name }) => name);
    const { group } = cause.details;
    throw new UsageError(`${shownUrl(url)} has no group ${typeof group === "string" ? printable(group) : ""}. ${othersText(names)}`, {
      cause,
    });
  }
}
