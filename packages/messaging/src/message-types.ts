import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { MessageDefinition } from "./message-definition.ts";
import type { CommandBase, EventBase, MessageBase, QueryBase } from "./message.ts";

declare const kinds: unique symbol;

/** The nominal brand: a message is of every type name that it or a class it derives from was declared with. Types only. */
export interface Kind<N extends string> {
  readonly [kinds]: { readonly [X in N]: true };
}

/** What every message class has at run time. */
export interface MessageStatics<N extends string = string> {
  readonly type: N;
  readonly definition: MessageDefinition;
}

/** A class of messages `M`, whatever its constructor takes. */
export type MessageClass<M extends object = object> = MessageStatics & (abstract new (payload: never) => M);

/** What the constructor of a message class takes. */
export type PayloadOf<C> = C extends abstract new (payload: infer P) => unknown ? (P extends object ? P : never) : never;

/** What the handler of a command or query answers. */
export type ResultOf<M> = M extends CommandBase<infer R> ? R : M extends QueryBase<infer R> ? R : never;

/** What a handler may return for an answer `R`, now or later. A message without an answer takes any: it is passed over. */
export type Answer<R> = [R] extends [void] ? unknown : R | Promise<R>;

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Refuses, at compile time, a schema of anything but an object, and one that changes its value or answers later: what is stored must be what was sent. */
export type PlainSchema<S extends StandardSchemaV1> = S extends { readonly async: true }
  ? { readonly "the schema of a message must be synchronous": never }
  : Same<StandardSchemaV1.InferInput<S>, StandardSchemaV1.InferOutput<S>> extends true
    ? ObjectSchema<StandardSchemaV1.InferOutput<S>>
    : { readonly "the schema of a message must not transform its value": never };

type ObjectSchema<Output> = Output extends object ? (Output extends readonly unknown[] ? OtherSchema : unknown) : OtherSchema;

interface OtherSchema {
  readonly "the schema of a message must be that of an object": never;
}

/** A field of what a schema tells, or a way that begins at one: `card` or `card.number`. */
export type FieldPathOf<S extends StandardSchemaV1> = PathInto<StandardSchemaV1.InferInput<S>>;

/** Of a union, the fields of each of its parts. */
type PathInto<P> = P extends unknown ? `${keyof P & string}${"" | `.${string}`}` : never;

/** What no class is: it tells, at compile time, what is wrong with the `extends` of a message. */
export type BaseWithoutSchema = (abstract new (payload: never) => MessageBase) & {
  readonly "extends takes a class of the same kind of message, and no schema beside it": never;
};

/** The payload of a message that tells nothing but that it is. */
type NoPayload = Readonly<Record<string, never>>;

type SchemaPayload<S extends StandardSchemaV1> = Readonly<StandardSchemaV1.InferOutput<S> & object>;

// A class that is declared without type arguments takes the constructor without type parameters.
export interface EventClass<N extends string> extends MessageStatics<N> {
  new (payload: NoPayload): EventBase & Kind<N>;
  new <P extends object>(payload: P): Readonly<P> & EventBase & Kind<N>;
}
export interface SchemaEventClass<N extends string, S extends StandardSchemaV1> extends MessageStatics<N> {
  new (payload: StandardSchemaV1.InferInput<S>): SchemaPayload<S> & EventBase & Kind<N>;
}
export interface DerivedEventClass<N extends string, Base extends EventBase, BasePayload extends object> extends MessageStatics<N> {
  new <P extends object>(payload: P & BasePayload): Readonly<P> & Base & Kind<N>;
}

export interface CommandClass<N extends string> extends MessageStatics<N> {
  new (payload: NoPayload): CommandBase<void> & Kind<N>;
  new <P extends object, R = void>(payload: P): Readonly<P> & CommandBase<R> & Kind<N>;
}
export interface SchemaCommandClass<N extends string, S extends StandardSchemaV1> extends MessageStatics<N> {
  new <R = void>(payload: StandardSchemaV1.InferInput<S>): SchemaPayload<S> & CommandBase<R> & Kind<N>;
}
export interface DerivedCommandClass<N extends string, Base extends CommandBase, BasePayload extends object> extends MessageStatics<N> {
  new <P extends object>(payload: P & BasePayload): Readonly<P> & Base & Kind<N>;
}

export interface QueryClass<N extends string> extends MessageStatics<N> {
  new <P extends object, R>(payload: P): Readonly<P> & QueryBase<R> & Kind<N>;
}
export interface SchemaQueryClass<N extends string, S extends StandardSchemaV1> extends MessageStatics<N> {
  new <R>(payload: StandardSchemaV1.InferInput<S>): SchemaPayload<S> & QueryBase<R> & Kind<N>;
}
export interface DerivedQueryClass<N extends string, Base extends QueryBase, BasePayload extends object> extends MessageStatics<N> {
  new <P extends object>(payload: P & BasePayload): Readonly<P> & Base & Kind<N>;
}
