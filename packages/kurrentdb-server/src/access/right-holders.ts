import { SUBSCRIPTIONS_STREAM } from "../subscriptions/subscriptions-stream.ts";
import { isMade } from "../views/view-of.ts";
import { EVERY_USER, type AccessControlList, type DefaultName } from "./access-control-list.ts";
import type { StreamRight } from "./access.ts";
import { BUILT_IN, SETTINGS_STREAM, type DefaultAcls } from "./default-acls.ts";

/** What the server itself works by: defaults that let more people in are not meant for these. */
const OWN_PREFIXES = [SETTINGS_STREAM, "$user-", SUBSCRIPTIONS_STREAM, "$projections-"];

/** What is said about a stream, and about all of which nothing is said. */
export interface SaidRights {
  readonly own: AccessControlList | DefaultName | undefined;
  readonly defaults: DefaultAcls;
}

/** Who has a right to a stream, by names of users and groups, beside administrators. */
export function rightHolders(right: StreamRight, stream: string, { own, defaults }: SaidRights): readonly string[] {
  const said = typeof own === "object" ? own[right] : undefined;
  if (said !== undefined) return said;
  if (isMade(stream)) return right === "read" || right === "metadataRead" ? [EVERY_USER] : [];
  if (OWN_PREFIXES.some((prefix) => stream.startsWith(prefix))) return [];
  const name = typeof own === "string" ? own : defaultFor(stream);
  return defaults[name]?.[right] ?? BUILT_IN[name][right];
}

function defaultFor(stream: string): DefaultName {
  return stream.startsWith("$") ? "$systemStreamAcl" : "$userStreamAcl";
}
