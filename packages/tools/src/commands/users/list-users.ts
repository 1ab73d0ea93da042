import type { StoreUser } from "@reactive-domain/kurrentdb-server";
import { inColumns } from "../../in-columns.ts";
import type { Output } from "../../output.ts";
import { printable } from "../../printable.ts";
import { onUsers, type UserOptions } from "./user-access.ts";

/** Lists the users of a store, by login name. */
export async function listUsers({ store, json }: UserOptions, output: Output): Promise<void> {
  const users = await onUsers(store, (known) => known.list());
  await output.write(json === true ? users.map(asJson) : inColumns([["LOGIN", "GROUPS", "STATE", "NAME"], ...users.map(asRow)], 0));
}

function asJson({ login, fullName, groups, isDisabled, updatedAt }: StoreUser): string {
  return JSON.stringify({ login, fullName, groups, disabled: isDisabled, updatedAt: updatedAt.toISOString() });
}

function asRow({ login, fullName, groups, isDisabled }: StoreUser): readonly string[] {
  return [login, groups.join(",") || "-", isDisabled ? "disabled" : "enabled", fullName].map(printable);
}
