import type { JsonObject } from "@reactive-domain/core";
import { invalidArgument } from "../wire/refusal.ts";
import type { StreamRight } from "./access.ts";

/** Who has which right, by names of users and groups; what is not named is left to the defaults. */
export type AccessControlList = Partial<Record<StreamRight, readonly string[]>>;

/** The defaults that a list may stand for, by their names. */
export type DefaultName = "$userStreamAcl" | "$systemStreamAcl";

const KEYS: Readonly<Record<string, StreamRight>> = { $r: "read", $w: "write", $d: "delete", $mr: "metadataRead", $mw: "metadataWrite" };
/** The key under which the metadata of a stream has its list. */
const ACL_KEY = "$acl";

/** The group of those who may do everything. */
export const ADMINS = "$admins";
/** The group of those who keep the server running. */
export const OPS = "$ops";
/** Stands for every user. */
export const EVERY_USER = "$all";

/** The list in the metadata of a stream. Errors: invalid argument where it is none. */
export function aclOfMetadata(custom: JsonObject | undefined): AccessControlList | DefaultName | undefined {
  const said = custom?.[ACL_KEY];
  if (said === undefined || said === null) return undefined;
  return said === "$userStreamAcl" || said === "$systemStreamAcl" ? said : aclOf(said, ACL_KEY);
}

/** Errors: invalid argument where it is no list. */
export function aclOf(said: unknown, name: string): AccessControlList {
  if (typeof said !== "object" || said === null || Array.isArray(said))
    throw invalidArgument(`${name} must be an object with keys like $r and $w, but is ${JSON.stringify(said)}. Nothing was written.`);
  return Object.fromEntries(
    Object.entries(said).flatMap(([key, roles]): readonly [StreamRight, readonly string[]][] => {
      const right = KEYS[key];
      if (right === undefined)
        throw invalidArgument(`${name} has the key ${key}, but may have ${Object.keys(KEYS).join(", ")} alone. Nothing was written.`);
      return roles === null ? [] : [[right, rolesOf(roles, `${key} of ${name}`)]];
    }),
  );
}

/** One name, or a list of names. */
function rolesOf(said: unknown, name: string): readonly string[] {
  const roles: readonly unknown[] = Array.isArray(said) ? said : [said];
  return roles.map((role) => {
    if (typeof role !== "string")
      throw invalidArgument(`${name} must be a name or a list of names, but has ${JSON.stringify(role)}. Nothing was written.`);
    return role;
  });
}
