import { InvalidArgument } from "@reactive-domain/core";

/** Names streams (the guide's `IStreamNameBuilder`). */
export interface StreamNameBuilder {
  /** With what the names of all its streams begin; empty without a prefix. */
  readonly prefix: string;
  /** The stream of one aggregate. */
  forAggregate(aggregateType: string, id: string): string;
  /** The category of all aggregates of a type: their streams' text before the first dash. */
  forCategory(aggregateType: string): string;
}

export interface StreamNameOptions {
  /** A word of letters, digits and underscores; it is put in front in lower case, with a dot behind it. */
  readonly prefix?: string;
}

const WORD = /^[A-Za-z][A-Za-z0-9_]*$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * The usual names: `[prefix.]aggregateType-id`, the type beginning in lower case, a UUID written as 32 hexadecimal digits and any other id as it is.
 *
 * Errors: `invalid-argument` for a prefix or type that is not one word, and for a blank id.
 */
export function createStreamNameBuilder(options: StreamNameOptions = {}): StreamNameBuilder {
  if ("prefix" in options && !WORD.test(options.prefix ?? "")) {
    throw new InvalidArgument("prefix", "a word of letters, digits and underscores, or left out", options.prefix);
  }
  const prefix = options.prefix === undefined ? "" : `${options.prefix.toLowerCase()}.`;
  const forCategory = (aggregateType: string): string => {
    if (!WORD.test(aggregateType))
      throw new InvalidArgument("An aggregate's type", "a word of letters, digits and underscores", aggregateType);
    return `${prefix}${aggregateType.charAt(0).toLowerCase()}${aggregateType.slice(1)}`;
  };
  return { prefix, forCategory, forAggregate: (aggregateType, id) => `${forCategory(aggregateType)}-${idInName(id)}` };
}

function idInName(id: string): string {
  if (typeof id !== "string" || id.trim() === "") throw new InvalidArgument("An aggregate's id", "text that is not blank", id);
  return UUID.test(id) ? id.replaceAll("-", "").toLowerCase() : id;
}
