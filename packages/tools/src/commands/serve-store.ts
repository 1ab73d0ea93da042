import { isIPv4 } from "node:net";
import { shownUrl } from "@reactive-domain/core";
import type { KurrentServer } from "@reactive-domain/kurrentdb-server";
import type { EventStore } from "@reactive-domain/persistence";
import { onEndingSignal } from "../ending-signal.ts";
import { openServedStore } from "../open-served-store.ts";
import type { Output } from "../output.ts";
import type { Progress } from "../progress.ts";
import { inOwnWords, securityOf, type Security, type SecurityOptions } from "../serve-security.ts";
import { asUsageError } from "../store-url.ts";

export interface ServeStoreOptions extends SecurityOptions {
  /** The URL of the store. */
  readonly store: string;
  readonly port?: number;
  readonly json?: boolean;
}

/** Serves a store until the process is told to end. Throws `UsageError` where the store cannot be opened, or the port not be had. */
export async function serveStore(options: ServeStoreOptions, output: Output, progress: Progress): Promise<void> {
  using ending = onEndingSignal((received) => new Error(`Ended by ${received}.`));
  const security = await securityOf(options);
  await using store = await openServedStore(options.store);
  await using server = await listen(store, options, security);
  if (security.insecure === true) progress.tell(warningOf(server));
  await output.write([options.json === true ? asJson(server, store, options) : asText(server, store, options)]);
  await aborted(ending.signal);
}

async function listen(store: EventStore, options: ServeStoreOptions, security: Security): Promise<KurrentServer> {
  const { startServer } = await import("@reactive-domain/kurrentdb-server");
  const { host, port } = options;
  return asUsageError(async () => {
    try {
      return await startServer(store, { ...security, ...(host !== undefined && { host }), ...(port !== undefined && { port }) });
    } catch (error) {
      throw inOwnWords(error, options, security);
    }
  });
}

function asText({ url }: KurrentServer, { durability }: EventStore, options: ServeStoreOptions): string {
  return `${url} serves ${shownUrl(options.store)} (${durability}). Stop it with Ctrl-C.`;
}

function asJson({ url, host, port }: KurrentServer, { durability }: EventStore, options: ServeStoreOptions): string {
  const [authentication, encryption] = options.insecure === true ? ["none", "none"] : ["basic", "tls"];
  return JSON.stringify({ url, host, port, store: shownUrl(options.store), durability, authentication, encryption });
}

function warningOf({ host, port }: KurrentServer): string {
  if (isLoopback(host)) return "No authentication, no encryption: every program on this machine may read and write all of the store.";
  return `WARNING: no authentication, no encryption: whoever reaches ${host}:${port} over the network may read and write all of the store. Without --host only this machine could.`;
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIPv4(host) && host.startsWith("127."));
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
