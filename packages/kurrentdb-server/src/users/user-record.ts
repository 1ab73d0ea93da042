import type { RecordedEvent } from "@reactive-domain/persistence";
import { isKeptPassword, type KeptPassword } from "./kept-password.ts";

/** A user as the store has it. */
export interface UserRecord {
  readonly login: string;
  readonly fullName: string;
  readonly groups: readonly string[];
  readonly isDisabled: boolean;
  /** `undefined` where another program wrote the record and keeps passwords in another way: an administrator has to set one. */
  readonly password: KeptPassword | undefined;
}

/** A user and when it was last changed. */
export interface KnownUser extends UserRecord {
  readonly updatedAt: Date;
}

/** The category of all streams of users. */
export const USER_CATEGORY = "$user";
export const USER_STREAM_PREFIX = `${USER_CATEGORY}-`;
export const USER_CREATED = "$UserCreated";
export const USER_UPDATED = "$UserUpdated";
export const USER_DELETED = "$UserDeleted";

export function userStreamOf(login: string): string {
  return USER_STREAM_PREFIX + login;
}

/** What an event of a user's stream leaves of the user; `undefined` where there is none, or nothing that can be understood. */
export function userAfter({ type, stream, data, time }: RecordedEvent): KnownUser | undefined {
  if (type === USER_DELETED || typeof data !== "string") return undefined;
  const { loginName, fullName, groups, disabled, password } = objectIn(data);
  const login = stream.slice(USER_STREAM_PREFIX.length);
  if (loginName !== login || !isTexts(groups)) return undefined;
  return {
    login,
    fullName: typeof fullName === "string" ? fullName : "",
    groups,
    isDisabled: disabled === true,
    password: isKeptPassword(password) ? password : undefined,
    updatedAt: time,
  };
}

/** A user as the data of an event. */
export function userData({ login, fullName, groups, isDisabled, password }: UserRecord): string {
  return JSON.stringify({ loginName: login, fullName, groups, disabled: isDisabled, ...(password !== undefined && { password }) });
}

/** The data of an event of a user's stream without what passwords are recognised by. */
export function withoutPassword(data: string | Uint8Array): string {
  const {
    password: _password,
    salt: _salt,
    hash: _hash,
    ...rest
  } = objectIn(typeof data === "string" ? data : Buffer.from(data).toString("utf8"));
  return JSON.stringify(rest);
}

function objectIn(data: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(data);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === "string");
}
