import { scryptSync } from "node:crypto";
import { startServer, type KurrentServer, type ServerOptions } from "@reactive-domain/kurrentdb-server";
import type { EventStore } from "@reactive-domain/persistence";
import { newEvent } from "@reactive-domain/store-tests";
import { onTestFinished } from "vitest";
import { certificates } from "./certificates.ts";

/** Groups by the names of users. */
export type TestUsers = Readonly<Record<string, readonly string[]>>;

/** A server that encrypts and knows its users, within a test. */
export interface Secured {
  readonly server: KurrentServer;
  readonly store: EventStore;
  readonly port: number;
  readonly caFile: string;
  /** What a client connects to as a user. */
  urlFor(login: string, password?: string): string;
}

/** Users who are there when a server begins have this password. */
export function passwordOf(login: string): string {
  return `password-of-${login}`;
}

/** Serves a store, which its owner closes, to an administrator and others. */
export async function serveSecured(store: EventStore, users: TestUsers = {}, options: ServerOptions = {}): Promise<Secured> {
  for (const [login, groups] of Object.entries({ admin: ["$admins"], ...users })) await keepUser(store, login, groups);
  const tls = await certificates();
  const server = await startServer(store, { port: 0, tls, ...options });
  onTestFinished(() => server.close());
  const urlFor = (login: string, password = passwordOf(login)): string =>
    server.url.replace("//", `//${encodeURIComponent(login)}:${encodeURIComponent(password)}@`);
  return { server, store, port: server.port, caFile: tls.caFile, urlFor };
}

/** As a server keeps a user, with a password that is checked quickly. */
async function keepUser(store: EventStore, login: string, groups: readonly string[]): Promise<void> {
  const cost = { N: 2, r: 1, p: 1 };
  const salt = Buffer.from(login.padEnd(16));
  const password = {
    algorithm: "scrypt",
    ...cost,
    salt: salt.toString("base64"),
    hash: scryptSync(passwordOf(login), salt, 32, cost).toString("base64"),
  };
  const data = JSON.stringify({ loginName: login, fullName: login, groups, disabled: false, password });
  await store.append(`$user-${login}`, [newEvent({ type: "$UserCreated", data })], { expectedVersion: "noStream", systemStreams: true });
}
