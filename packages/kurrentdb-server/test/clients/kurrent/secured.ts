import type { KurrentDBClient } from "@kurrent/kurrentdb-client";
import type { ServerOptions } from "@reactive-domain/kurrentdb-server";
import type { EventStore } from "@reactive-domain/persistence";
import { createInMemoryStore } from "@reactive-domain/persistence/in-memory";
import { onTestFinished } from "vitest";
import { usersAs, type RawUsers } from "../../raw/raw-users.ts";
import { passwordOf, serveSecured, type Secured, type TestUsers } from "../serve-secured.ts";
import { connectTo } from "./connect.ts";

/** A server that knows its users, and clients of it, within a test. */
export interface SecuredClients extends Secured {
  readonly admin: KurrentDBClient;
  readonly users: RawUsers;
  as(login: string, password?: string): KurrentDBClient;
}

/** Serves users of these groups beside an administrator; in memory where no store is given. */
export async function secured(users?: TestUsers, store?: EventStore, options?: ServerOptions): Promise<SecuredClients> {
  const served = await serveSecured(store ?? inMemory(), users, options);
  const as = (login: string, password?: string): KurrentDBClient => connectTo(served.urlFor(login, password));
  return { ...served, admin: as("admin"), users: usersAs(served, "admin", passwordOf("admin")), as };
}

function inMemory(): EventStore {
  const store = createInMemoryStore();
  onTestFinished(() => store.close());
  return store;
}
