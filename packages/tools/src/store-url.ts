import { InvalidArgument, ReactiveDomainError, shownUrl } from "@reactive-domain/core";
import { ForeignStore, NotSupported } from "@reactive-domain/persistence";
import { UsageError } from "./errors.ts";

/** The URL of a store, as it was given. */
export interface StoreUrl {
  readonly url: string;
  /** What follows the scheme and its colon. Not blank. */
  readonly location: string;
}

/** A kind of store that a command can open. */
export interface Scheme<T> {
  /** How its URLs look, like `sqlite:FILE`; without a colon where there is only one such store. */
  readonly form: string;
  /** Whether it is known only to be refused. */
  readonly isRefused?: true;
  /** Opens what a URL names; its adapter is loaded when it is wanted. */
  readonly open: (url: StoreUrl) => Promise<T>;
}

export type Schemes<T> = ReadonlyMap<string, Scheme<T>>;

/** What opens stores of the kinds that every command takes. */
export interface Openers<T> {
  /** Gets the path of a file. */
  readonly sqlite: (file: string) => Promise<T>;
  /** Gets the whole URL. */
  readonly postgres: (url: string) => Promise<T>;
  /** Gets the whole URL; or why there is nothing to be opened. */
  readonly kurrentdb: ((url: string) => Promise<T>) | { readonly refused: string };
}

const KURRENTDB = ["kurrentdb", "kurrentdb+discover", "esdb", "esdb+discover"];

/** The schemes of the stores that every command takes. */
export function schemesOf<T>({ sqlite, postgres, kurrentdb }: Openers<T>): Schemes<T> {
  const server: Scheme<T> = { form: "postgres://USER@HOST/DATABASE", open: ({ url }) => postgres(url) };
  const node = nodeOf(kurrentdb);
  return new Map([
    ["sqlite", { form: "sqlite:FILE", open: ({ location }: StoreUrl) => sqlite(location) }],
    ["postgres", server],
    ["postgresql", server],
    ...KURRENTDB.map((scheme) => [scheme, node] as const),
  ]);
}

function nodeOf<T>(kurrentdb: Openers<T>["kurrentdb"]): Scheme<T> {
  const form = "kurrentdb://HOST:PORT";
  if (typeof kurrentdb === "function") return { form, open: ({ url }) => kurrentdb(url) };
  return { form, isRefused: true, open: () => Promise.reject(new UsageError(kurrentdb.refused)) };
}

/** The forms of URL that are taken, for help texts. */
export function formsOf(schemes: Schemes<unknown>): string {
  const taken = [...schemes.values()].filter(({ isRefused }) => isRefused !== true);
  return [...new Set(taken.map(({ form }) => form))].join(", ");
}

/** Opens what a URL names, which errors call `what`. Throws {@link UsageError} when that cannot be done. */
export async function openUrl<T>(url: string, schemes: Schemes<T>, what = "The store"): Promise<T> {
  const colon = url.indexOf(":");
  const scheme = schemes.get(colon === -1 ? url : url.slice(0, colon));
  if (scheme === undefined || (colon === -1 && scheme.form !== url))
    throw new UsageError(`${what} ${shownUrl(url)} has no known scheme. Give one of these: ${formsOf(schemes)}.`);
  const location = url.slice(colon + 1);
  if (location.trim() === "") throw new UsageError(`${what} ${shownUrl(url)} names no place. Write it like ${scheme.form}.`);
  return asUsageError(() => scheme.open({ url, location }));
}

/** What is refused for what was asked, or for what is there, is told as bad usage. */
export async function refusalsAsUsage<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof InvalidArgument || cause instanceof ForeignStore || cause instanceof NotSupported)
      throw new UsageError(cause.message, { cause });
    throw cause;
  }
}

/** What is wrong with a store is told as bad usage while it is opened. */
export async function asUsageError<T>(open: () => Promise<T>): Promise<T> {
  try {
    return await open();
  } catch (cause) {
    if (cause instanceof ReactiveDomainError) throw new UsageError(cause.message, { cause });
    throw cause;
  }
}
