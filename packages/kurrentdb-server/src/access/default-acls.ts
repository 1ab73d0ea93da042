import { invalidArgument } from "../wire/refusal.ts";
import { aclOf, ADMINS, EVERY_USER, type AccessControlList, type DefaultName } from "./access-control-list.ts";

/** The stream whose last event says what the default lists are. */
export const SETTINGS_STREAM = "$settings";

/** The default lists, as far as somebody has said what they are. */
export type DefaultAcls = Partial<Record<DefaultName, AccessControlList>>;

/** Where nobody has said anything. */
export const BUILT_IN: Readonly<Record<DefaultName, Required<AccessControlList>>> = {
  $userStreamAcl: everythingFor(EVERY_USER),
  $systemStreamAcl: everythingFor(ADMINS),
};

/** What the data of an event of {@link SETTINGS_STREAM} says. Errors: invalid argument where it says nothing that can be. */
export function defaultAclsOf(data: string | Uint8Array): DefaultAcls {
  const { $userStreamAcl, $systemStreamAcl } = objectIn(data);
  return {
    ...(isSaid($userStreamAcl) && { $userStreamAcl: aclOf($userStreamAcl, "$userStreamAcl") }),
    ...(isSaid($systemStreamAcl) && { $systemStreamAcl: aclOf($systemStreamAcl, "$systemStreamAcl") }),
  };
}

function objectIn(data: string | Uint8Array): Partial<Record<DefaultName, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(typeof data === "string" ? data : Buffer.from(data).toString("utf8"));
  } catch {
    // Told below, as what is JSON and no object.
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw invalidArgument(`An event of ${SETTINGS_STREAM} must be a JSON object, but is none. Nothing was written.`);
  return value;
}

function isSaid(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function everythingFor(role: string): Required<AccessControlList> {
  return { read: [role], write: [role], delete: [role], metadataRead: [role], metadataWrite: [role] };
}
