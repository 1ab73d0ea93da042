import { findDataProblem, InvalidArgument, type JsonValue, type MessageMetadata } from "@reactive-domain/core";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { MetadataMissing } from "./errors.ts";
import { customOf, MessageBase, setCustom } from "./message.ts";
import { checkSchema, holdAgainst } from "./validation.ts";

/** What an application adds to the metadata of messages under one name. It lies in `metadata.custom` and travels with the message. */
export interface MetadataKey<T> {
  readonly name: string;
  /**
   * Writes a copy of the value in place of what was there, and returns the message. A message that has no place in a chain yet does not get one by it.
   *
   * Errors: `invalid-argument` for `null`, `undefined` and what JSON would change; `invalid-message` for what does not fit the schema.
   */
  write<M extends MessageBase>(message: M, value: T): M;
  /** Errors: `metadata-missing`; `invalid-message` where what is there does not fit the schema. */
  read(source: MessageBase | MessageMetadata): T;
  /** The same, but `undefined` where nothing was written. Errors: `invalid-message`. */
  tryRead(source: MessageBase | MessageMetadata): T | undefined;
}

export interface MetadataKeyOptions<S extends StandardSchemaV1> {
  /** What a value has to fit, when it is written and when it is read: it may come from a store or another process. Synchronous; what it changes is passed over. */
  readonly schema: S;
}

/**
 * Declares metadata of the application's own: `const Ip = metadataKey<string>("ip")`, or with a schema that gives the type and checks it. What a message leads to
 * does not take it over.
 *
 * Errors: `invalid-argument` for a blank name, and a schema that is none.
 *
 * @example
 * const command = Ip.write(new Deposit({ accountId, amount: 100 }), "192.0.2.1");
 * commands.handle(Deposit, (_, { metadata }) => log(Ip.tryRead(metadata)));
 */
export function metadataKey<S extends StandardSchemaV1>(
  name: string,
  options: MetadataKeyOptions<S>,
): MetadataKey<StandardSchemaV1.InferInput<S>>;
export function metadataKey<T>(name: string): MetadataKey<T>;
export function metadataKey(name: string, options?: MetadataKeyOptions<StandardSchemaV1>): MetadataKey<unknown> {
  if (typeof name !== "string" || name.trim() === "" || name === "__proto__")
    throw new InvalidArgument("The name of a metadata key", "a text that is not blank, and not __proto__", name);
  if (options?.schema !== undefined) checkSchema(`The schema of metadata ${name}`, options.schema);
  return new CustomKey(name, options?.schema);
}

class CustomKey implements MetadataKey<unknown> {
  readonly name: string;
  readonly #schema: StandardSchemaV1 | undefined;

  constructor(name: string, schema: StandardSchemaV1 | undefined) {
    this.name = name;
    this.#schema = schema;
  }

  write<M extends MessageBase>(message: M, value: unknown): M {
    if (value === null || value === undefined)
      throw new InvalidArgument(`The metadata ${this.name}`, "a value", value, "Leave it out where there is none.");
    const problem = findDataProblem(value);
    if (problem !== undefined)
      throw new InvalidArgument(`The metadata ${this.name}`, `data that JSON keeps (${problem.path} ${problem.reason})`, value);
    this.#check(value);
    const copy = JSON.parse(JSON.stringify(value)) as JsonValue;
    setCustom(message, { ...customOf(message), [this.name]: copy });
    return message;
  }

  read(source: MessageBase | MessageMetadata): unknown {
    const value = this.tryRead(source);
    if (value === undefined) throw new MetadataMissing(this.name, Object.keys(customIn(source)));
    return value;
  }

  tryRead(source: MessageBase | MessageMetadata): unknown {
    const custom = customIn(source);
    const value = Object.hasOwn(custom, this.name) ? custom[this.name] : undefined;
    if (value === null || value === undefined) return undefined;
    this.#check(value);
    return value;
  }

  #check(value: unknown): void {
    if (this.#schema !== undefined) holdAgainst(this.#schema, value, `metadata ${this.name}`);
  }
}

function customIn(source: MessageBase | MessageMetadata): NonNullable<MessageMetadata["custom"]> {
  return (source instanceof MessageBase ? customOf(source) : source.custom) ?? {};
}
