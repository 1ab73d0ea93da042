import type { StoreUsers } from "@reactive-domain/kurrentdb-server";
import type { EventStore } from "@reactive-domain/persistence";
import { asUsageError, formsOf, openUrl, schemesOf } from "../../store-url.ts";

/** The options of every command about users. */
export interface UserOptions {
  /** The URL of the store. */
  readonly store: string;
  readonly json?: boolean;
}

/** Where the password of a user may stand; a flag would show it to everybody on the machine. */
export const USER_PASSWORD_VARIABLE = "REACTIVE_DOMAIN_USER_PASSWORD";

const SCHEMES = schemesOf<EventStore>({
  sqlite: async (file) => (await import("@reactive-domain/sqlite")).openSqliteStore(file, { mustExist: true }),
  postgres: async (url) => (await import("@reactive-domain/postgres")).openPostgresStore(url, { autoMigrate: false }),
  kurrentdb: { refused: "The users of a KurrentDB server are managed by its own tools. Give a file, or a database of PostgreSQL." },
});

/** The forms of URL that are known, for help texts. */
export const USERS_FORMS: string = formsOf(SCHEMES);

/** Works on the users of a store. Throws `UsageError` where the store cannot be opened, or what is wanted cannot be so. */
export async function onUsers<T>(url: string, work: (users: StoreUsers) => T | Promise<T>): Promise<T> {
  const { openUsers } = await import("@reactive-domain/kurrentdb-server");
  await using store = await openUrl(url, SCHEMES);
  using users = await openUsers(store);
  return await asUsageError(async () => work(users));
}
