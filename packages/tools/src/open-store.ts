import { ReactiveDomainError } from "@reactive-domain/core";
import type { EventStore } from "@reactive-domain/persistence";
import { UsageError } from "./errors.ts";

interface Scheme {
  /** How its URLs look. */
  readonly form: string;
  /** Opens a store for reading; its adapter is loaded when it is wanted. */
  readonly open: (location: string) => Promise<EventStore>;
}

const SCHEMES: ReadonlyMap<string, Scheme> = new Map([
  [
    "sqlite",
    {
      form: "sqlite:FILE",
      open: async (file: string) => (await import("@reactive-domain/sqlite")).openSqliteStore(file, { readOnly: true }),
    },
  ],
]);

/** The forms of URL that are known, for help texts. */
export const STORE_FORMS: string = [...SCHEMES.values()].map(({ form }) => form).join(", ");

/** Opens the store that a URL names, for reading. Throws {@link UsageError} when that cannot be done. */
export async function openStore(url: string): Promise<EventStore> {
  const { scheme, location } = parse(url);
  try {
    return await scheme.open(location);
  } catch (cause) {
    if (cause instanceof ReactiveDomainError) throw new UsageError(cause.message, { cause });
    throw cause;
  }
}

function parse(url: string): { readonly scheme: Scheme; readonly location: string } {
  if (url === "memory" || url.startsWith("memory:")) {
    throw new UsageError(
      `A memory store lives inside its process only and cannot be looked into from here. Give one of these: ${STORE_FORMS}.`,
    );
  }
  const colon = url.indexOf(":");
  const scheme = SCHEMES.get(url.slice(0, Math.max(colon, 0)));
  if (scheme === undefined) throw new UsageError(`The store ${url} has no known scheme. Give one of these: ${STORE_FORMS}.`);
  const location = url.slice(colon + 1);
  if (location.trim() === "") throw new UsageError(`The store ${url} names no place. Write it like ${scheme.form}.`);
  return { scheme, location };
}
