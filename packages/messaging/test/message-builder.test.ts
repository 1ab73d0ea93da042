import { withRuntime } from "@reactive-domain/core";
import { AlreadyCorrelated, MessageBuilder, metadataOf } from "@reactive-domain/messaging";
import { describe, expect, it } from "vitest";
import { AmountDeposited, CloseAccount, OpenAccount } from "./banking.ts";
import { HandSetRuntime } from "./hand-set-runtime.ts";
import { refusalOf } from "./refusal.ts";

const opening = (): OpenAccount => new OpenAccount({ owner: "Ann" });
const closing = (): CloseAccount => new CloseAccount({ accountId: "a-1" });
const deposited = (): AmountDeposited => new AmountDeposited({ accountId: "a-1", amount: 5 });
const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

describe("a message that begins a chain", () => {
  it("B2: has its own id as correlation id, and no cause", () => {
    const command = MessageBuilder.create(opening());
    const { id, correlationId, causationId } = metadataOf(command);
    expect(correlationId).toBe(id);
    expect(causationId).toBeUndefined();
  });

  it("is handed back as it was, with its payload and nothing else", () => {
    const command = opening();
    expect(MessageBuilder.create(command, { actor: "ann" })).toBe(command);
    expect({ ...command }).toStrictEqual({ owner: "Ann" });
  });

  it("carries the facts it was given", () => {
    withRuntime(new HandSetRuntime(1_000), () => {
      const facts = { actor: "ann", tenant: "north", traceparent, tracestate: "a=1", custom: { branch: 7 } };
      expect(metadataOf(MessageBuilder.create(opening(), facts))).toEqual({
        id: "id-1",
        correlationId: "id-1",
        timeMs: 1_000,
        ...facts,
      });
    });
  });

  it("B2: has an id that it was given as its correlation id too", () => {
    withRuntime(new HandSetRuntime(1_000), () => {
      const command = MessageBuilder.create(opening(), { id: "order-17" });
      expect(metadataOf(command)).toEqual({ id: "order-17", correlationId: "order-17", timeMs: 1_000 });
    });
  });

  it("may be given a correlation id from outside", () => {
    const command = MessageBuilder.create(opening(), { id: "order-17", correlationId: "ticket-3" });
    expect(metadataOf(command)).toMatchObject({ id: "order-17", correlationId: "ticket-3" });
  });

  it("keeps earlier facts when it is given further ones", () => {
    const command = MessageBuilder.create(opening(), { actor: "ann" });
    const { id } = metadataOf(command);
    MessageBuilder.create(command, { tenant: "north" });
    expect(metadataOf(command)).toMatchObject({ id, correlationId: id, actor: "ann", tenant: "north" });
  });

  it("keeps its id and correlation id when facts are handed in that are undefined", () => {
    const facts: object = { id: undefined, correlationId: undefined, actor: undefined, tenant: "north" };
    withRuntime(new HandSetRuntime(1_000), () => {
      const command = MessageBuilder.create(opening(), facts);
      expect(metadataOf(command)).toStrictEqual({ id: "id-1", correlationId: "id-1", timeMs: 1_000, tenant: "north" });
    });
  });
});

describe("a message that another led to", () => {
  it("B3: shares the other's correlation id and has the other's id as its cause", () => {
    const command = opening();
    const event = MessageBuilder.from(command).create(deposited());
    expect(metadataOf(event)).toMatchObject({ correlationId: metadataOf(command).correlationId, causationId: metadataOf(command).id });
    expect(metadataOf(event).id).not.toBe(metadataOf(command).id);
  });

  it("B3: may be made from the other's metadata alone, as a handler has it", () => {
    const command = opening();
    const event = MessageBuilder.from(metadataOf(command)).create(deposited());
    expect(metadataOf(event).causationId).toBe(metadataOf(command).id);
  });

  it("A9: has the other's id as correlation id where the other's own is empty", () => {
    const command = MessageBuilder.create(opening(), { correlationId: "" });
    const { id } = metadataOf(command);
    expect(metadataOf(MessageBuilder.from(command).create(deposited()))).toMatchObject({ correlationId: id, causationId: id });
  });

  it("takes over actor, tenant and trace context, but not custom metadata", () => {
    withRuntime(new HandSetRuntime(1_000), () => {
      const command = MessageBuilder.create(opening(), {
        actor: "ann",
        tenant: "north",
        traceparent,
        tracestate: "a=1",
        custom: { branch: 7 },
      });
      expect(metadataOf(MessageBuilder.from(command).create(deposited()))).toEqual({
        id: "id-2",
        correlationId: "id-1",
        causationId: "id-1",
        timeMs: 1_000,
        actor: "ann",
        tenant: "north",
        traceparent,
        tracestate: "a=1",
      });
    });
  });

  it("has no actor, tenant or trace context where the other has none", () => {
    const metadata = metadataOf(MessageBuilder.from(opening()).create(deposited()));
    expect(Object.keys(metadata).toSorted()).toEqual(["causationId", "correlationId", "id", "timeMs"]);
  });

  it("may be given facts of its own, which go over those it took over", () => {
    const command = MessageBuilder.create(opening(), { actor: "ann", tenant: "north" });
    const event = MessageBuilder.from(command).create(deposited(), { id: "e-1", actor: "clerk", custom: { till: 2 } });
    expect(metadataOf(event)).toMatchObject({
      id: "e-1",
      correlationId: metadataOf(command).id,
      causationId: metadataOf(command).id,
      actor: "clerk",
      tenant: "north",
      custom: { till: 2 },
    });
  });

  it("keeps the custom metadata that it had", () => {
    const event = MessageBuilder.create(deposited(), { custom: { till: 2 } });
    expect(metadataOf(MessageBuilder.from(opening()).create(event)).custom).toEqual({ till: 2 });
  });

  it("takes its id, when somebody looks, from the runtime in which it was made", () => {
    const event = withRuntime(new HandSetRuntime(1_000), () =>
      MessageBuilder.from({ id: "m", correlationId: "c", timeMs: 0 }).create(deposited()),
    );
    expect(metadataOf(event)).toEqual({ id: "id-1", correlationId: "c", causationId: "m", timeMs: 1_000 });
  });

  it("is one of many: siblings share the cause and differ in their ids", () => {
    const factory = MessageBuilder.from(opening());
    const [one, other] = [metadataOf(factory.create(deposited())), metadataOf(factory.create(closing()))];
    expect(one.causationId).toBe(other.causationId);
    expect(one.correlationId).toBe(other.correlationId);
    expect(one.id).not.toBe(other.id);
  });

  it("is refused another cause, and stays where it was", () => {
    const event = MessageBuilder.from(opening()).create(deposited());
    const before = metadataOf(event);
    const refusal = refusalOf(() => MessageBuilder.from(closing()).create(event));
    expect(refusal).toBeInstanceOf(AlreadyCorrelated);
    expect(refusal).toMatchObject({
      code: "already-correlated",
      retryable: false,
      details: { type: "AmountDeposited", causationId: before.causationId },
    });
    expect(metadataOf(event)).toBe(before);
  });

  it("may be given the same cause again", () => {
    const command = opening();
    const event = MessageBuilder.from(command).create(deposited());
    const before = metadataOf(event);
    MessageBuilder.from(command).create(event);
    expect(metadataOf(event)).toMatchObject({ correlationId: before.correlationId, causationId: before.causationId });
  });
});
