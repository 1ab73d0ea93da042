import { findJsonProblem, withRuntime } from "@reactive-domain/core";
import {
  createCommandBus,
  InvalidMessage,
  instantiate,
  MessageBuilder,
  metadataKey,
  MetadataMissing,
  metadataOf,
  type MetadataKey,
} from "@reactive-domain/messaging";
import fc from "fast-check";
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { AmountDeposited, CloseAccount, OpenAccount } from "./banking.ts";
import { HandSetRuntime } from "./hand-set-runtime.ts";
import { refusalOf } from "./refusal.ts";

const Ip = metadataKey<string>("ip");
const Till = metadataKey("till", { schema: v.object({ number: v.number(), clerks: v.array(v.string()) }) });
const open = (): OpenAccount => new OpenAccount({ owner: "Ann" });

describe("metadata under a key of the application's", () => {
  it("B4: comes back as it was written, from the message and from its metadata", () => {
    const command = Till.write(Ip.write(open(), "192.0.2.1"), { number: 3, clerks: ["Bob"] });
    expect(Ip.read(command)).toBe("192.0.2.1");
    expect(Till.read(command)).toEqual({ number: 3, clerks: ["Bob"] });
    expect(Till.read(metadataOf(command)).clerks).toEqual(["Bob"]);
    expect(metadataOf(command).custom).toEqual({ ip: "192.0.2.1", till: { number: 3, clerks: ["Bob"] } });
  });

  it("B4: takes the place of what was written before, and leaves the rest", () => {
    const command = MessageBuilder.create(open(), { actor: "ann", custom: { ip: "old", branch: 7 } });
    const { id } = metadataOf(command);
    Ip.write(command, "new");
    expect(metadataOf(command)).toMatchObject({ id, correlationId: id, actor: "ann", custom: { ip: "new", branch: 7 } });
  });

  it("B4: that is missing is told with what there is, or is undefined to those who only try", () => {
    const bare = open();
    expect(Ip.tryRead(bare)).toBeUndefined();
    expect(Ip.tryRead(metadataOf(bare))).toBeUndefined();
    expect(refusalOf(() => Ip.read(bare))).toMatchObject({ code: "metadata-missing", details: { name: "ip", present: [] } });
    const other = MessageBuilder.create(open(), { custom: { till: 1, ip: null } });
    expect(refusalOf(() => Ip.read(other))).toBeInstanceOf(MetadataMissing);
    expect(refusalOf(() => Ip.read(other))).toMatchObject({ details: { name: "ip", present: ["till", "ip"] } });
    expect(metadataKey("toString").tryRead(bare)).toBeUndefined();
  });

  it.each([[null], [undefined], [Number.NaN], [new Date(0)], [{ at: [1n] }], [() => 1]])(
    "B4: cannot be %s, and what was there stays",
    (value) => {
      const Any: MetadataKey<unknown> = metadataKey("any");
      const command = Any.write(open(), "before");
      expect(refusalOf(() => Any.write(command, value))).toMatchObject({
        code: "invalid-argument",
        details: { argument: "The metadata any" },
      });
      expect(Any.read(command)).toBe("before");
    },
  );

  it("B4: survives JSON, whatever it is", () => {
    fc.assert(
      fc.property(fc.string(), fc.jsonValue(), (name, value) => {
        fc.pre(name.trim() !== "" && name !== "__proto__" && value !== null && findJsonProblem(value) === undefined);
        const key = metadataKey<unknown>(name);
        const command = key.write(open(), value);
        const metadata = JSON.parse(JSON.stringify(metadataOf(command))) as ReturnType<typeof metadataOf>;
        const read = instantiate(OpenAccount, { ...command }, metadata);
        expect(key.read(read)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(key.read(command)).toEqual(key.read(read));
      }),
    );
  });

  it("is a copy: what its writer changes later stays outside", () => {
    const till = { number: 3, clerks: ["Bob"] };
    const command = Till.write(open(), till);
    till.clerks.push("Eve");
    expect(Till.read(command).clerks).toEqual(["Bob"]);
  });

  it("is held against the schema of its key, when it is written and when it is read", () => {
    const stray: unknown = { number: "3", clerks: [] };
    const refusal = refusalOf(() => Till.write(open(), stray as { number: number; clerks: string[] }));
    expect(refusal).toBeInstanceOf(InvalidMessage);
    expect(refusal).toMatchObject({
      issues: [{ path: "number" }],
      message: expect.stringMatching(/^metadata till does not fit/) as string,
    });
    const read = MessageBuilder.create(open(), { custom: { till: { number: 3 } } });
    expect(refusalOf(() => Till.tryRead(read))).toMatchObject({ code: "invalid-message", issues: [{ path: "clerks" }] });
    const Later = metadataKey("later", {
      schema: v.pipeAsync(
        v.string(),
        v.checkAsync(async () => false),
      ),
    });
    expect(refusalOf(() => Later.write(open(), "a"))).toMatchObject({ code: "invalid-argument" });
  });

  it.each(["", "  ", "__proto__"])("has a name that is not %j", (name) => {
    expect(refusalOf(() => metadataKey(name))).toMatchObject({ code: "invalid-argument" });
  });

  it("has a schema that is one, or none", () => {
    expect(refusalOf(() => metadataKey("ip", { schema: {} as never }))).toMatchObject({
      code: "invalid-argument",
      details: { argument: "The schema of metadata ip" },
    });
  });
});

describe("the place of a message in its chain", () => {
  it("B4: is not decided by those who read or write metadata of their own", () => {
    const runtime = new HandSetRuntime(1_000);
    withRuntime(runtime, () => {
      const command = open();
      expect(Ip.tryRead(command)).toBeUndefined();
      Ip.write(Till.write(command, { number: 3, clerks: [] }), "192.0.2.1");
      expect(Ip.read(command)).toBe("192.0.2.1");
      expect(runtime.idsMade).toBe(0);
      const custom = { till: { number: 3, clerks: [] }, ip: "192.0.2.1" };
      expect(metadataOf(command)).toEqual({ id: "id-1", correlationId: "id-1", timeMs: 1_000, custom });
      expect(metadataOf(command)).toBe(metadataOf(command));
      expect(runtime.idsMade).toBe(1);
    });
  });

  it("may be given by hand afterwards, or with an id, and the metadata stays", () => {
    const source = open();
    const event = MessageBuilder.from(source).create(Ip.write(new AmountDeposited({ accountId: "a-1", amount: 1 }), "192.0.2.1"));
    expect(metadataOf(event)).toMatchObject({ causationId: metadataOf(source).id, custom: { ip: "192.0.2.1" } });
    const order = MessageBuilder.create(Ip.write(open(), "192.0.2.1"), { id: "order-17" });
    expect(metadataOf(order)).toMatchObject({ id: "order-17", correlationId: "order-17", custom: { ip: "192.0.2.1" } });
  });

  it("B3: is behind what a handler handles also for a command with metadata of its own", async () => {
    const commands = createCommandBus();
    const handled: CloseAccount[] = [];
    commands.handle(OpenAccount, async () => {
      await commands.send(Ip.write(new CloseAccount({ accountId: "a-1" }), "192.0.2.1"));
      return { accountId: "a-1" };
    });
    commands.handle(CloseAccount, (command) => handled.push(command));
    const source = open();
    await commands.send(source);
    expect(handled.map((command) => metadataOf(command))).toMatchObject([
      { causationId: metadataOf(source).id, correlationId: metadataOf(source).id, custom: { ip: "192.0.2.1" } },
    ]);
  });
});
