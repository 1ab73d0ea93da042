import { ReactiveDomainError } from "@reactive-domain/core";
import { Command, CommandFailed, createCommandBus, MessageBuilder, metadataOf, type MessageContext } from "@reactive-domain/messaging";
import { describe, expect, it } from "vitest";
import { CloseAccount, ForceClose, OpenAccount } from "./banking.ts";
import { rejectionOf } from "./refusal.ts";

class StoreBusy extends ReactiveDomainError {
  constructor() {
    super("store-busy", "The store is busy.", { retryable: true });
  }
}

const close = (): CloseAccount => new CloseAccount({ accountId: "a-1" });
const open = (): OpenAccount => new OpenAccount({ owner: "Ann" });

describe("a command that is sent", () => {
  it("D1: the sender goes on only after the handler is done", async () => {
    const steps: string[] = [];
    const commands = createCommandBus();
    commands.handle(CloseAccount, async () => {
      steps.push("begins");
      await Promise.resolve();
      steps.push("ends");
    });
    await commands.send(close());
    steps.push("sender");
    expect(steps).toEqual(["begins", "ends", "sender"]);
  });

  it("is handed to its handler as it is", async () => {
    const handled: CloseAccount[] = [];
    const commands = createCommandBus();
    commands.handle(CloseAccount, (command) => handled.push(command));
    const command = close();
    await commands.send(command);
    expect(handled).toHaveLength(1);
    expect(handled[0]).toBe(command);
  });

  it("D4: gives the sender what its handler answers, now or later", async () => {
    const commands = createCommandBus();
    const end = commands.handle(OpenAccount, ({ owner }) => ({ accountId: `of-${owner}` }));
    expect(await commands.send(open())).toEqual({ accountId: "of-Ann" });
    end();
    commands.handle(OpenAccount, async ({ owner }) => ({ accountId: await Promise.resolve(`later-${owner}`) }));
    const { accountId } = await commands.send(open());
    expect(accountId).toBe("later-Ann");
  });

  it("comes with its metadata and the sender's signal", async () => {
    const told: MessageContext[] = [];
    const commands = createCommandBus();
    commands.handle(CloseAccount, (_, context) => told.push(context));
    const sender = new AbortController();
    const command = MessageBuilder.create(close(), { actor: "ann" });
    await commands.send(command, { signal: sender.signal });
    await commands.send(command);
    expect(told.map(({ metadata }) => metadata)).toEqual([metadataOf(command), metadataOf(command)]);
    sender.abort("left");
    expect(told.map(({ signal }) => [signal?.aborted, signal?.reason])).toEqual([
      [true, "left"],
      [false, undefined],
    ]);
  });

  it("D13: may send another one from its handler and wait for it", async () => {
    const commands = createCommandBus();
    commands.handle(OpenAccount, ({ owner }) => ({ accountId: `of-${owner}` }));
    commands.handle(CloseAccount, async (_, { metadata }) => {
      const { accountId } = await commands.send(MessageBuilder.from(metadata).create(open()));
      return accountId;
    });
    expect(await commands.send(close())).toBe("of-Ann");
  });

  it("D13: may send one of its own type from its handler", async () => {
    const depths: number[] = [];
    class Unpack extends Command("Unpack")<{ depth: number }> {}
    const commands = createCommandBus();
    commands.handle(Unpack, async ({ depth }) => {
      depths.push(depth);
      if (depth > 0) await commands.send(new Unpack({ depth: depth - 1 }));
    });
    await commands.send(new Unpack({ depth: 3 }));
    expect(depths).toEqual([3, 2, 1, 0]);
  });

  it("is refused when it is not a message", async () => {
    const notAMessage: unknown = { accountId: "a-1" };
    expect(await rejectionOf(createCommandBus().send(notAMessage as CloseAccount))).toMatchObject({ code: "invalid-argument" });
  });
});

describe("a command whose handler fails", () => {
  it("D2, D3: fails with an error of its own, whose cause is what the handler threw", async () => {
    const commands = createCommandBus();
    const cause = new Error("the account is frozen");
    commands.handle(CloseAccount, () => {
      throw cause;
    });
    const command = close();
    const failure = await rejectionOf(commands.send(command));
    expect(failure).toBeInstanceOf(CommandFailed);
    expect(failure).toMatchObject({
      code: "command-failed",
      message: "CloseAccount failed: the account is frozen",
      retryable: false,
      details: { type: "CloseAccount", commandId: metadataOf(command).id },
    });
    expect((failure as CommandFailed).cause).toBe(cause);
  });

  it("D3: fails in the same way when the handler's promise rejects", async () => {
    const commands = createCommandBus();
    const cause = new Error("the account is frozen");
    commands.handle(CloseAccount, () => Promise.reject(cause));
    expect(await rejectionOf(commands.send(close()))).toMatchObject({ code: "command-failed", cause });
  });

  it("D3: may be sent again when its cause may be, and tells the cause's code", async () => {
    const commands = createCommandBus();
    commands.handle(CloseAccount, () => {
      throw new StoreBusy();
    });
    expect(await rejectionOf(commands.send(close()))).toMatchObject({ retryable: true, details: { causeCode: "store-busy" } });
  });

  it("D3: tells the command that failed first through one that was sent from a handler", async () => {
    const commands = createCommandBus();
    commands.handle(OpenAccount, () => {
      throw new StoreBusy();
    });
    commands.handle(CloseAccount, () => commands.send(open()));
    expect(await rejectionOf(commands.send(close()))).toMatchObject({
      details: { type: "CloseAccount", causeCode: "command-failed" },
      retryable: true,
      cause: { details: { type: "OpenAccount" }, cause: { code: "store-busy" } },
    });
  });

  it("does not keep the next one from being handled", async () => {
    const commands = createCommandBus();
    commands.handle(OpenAccount, ({ owner }) => {
      if (owner === "") throw new Error("nobody");
      return { accountId: owner };
    });
    await rejectionOf(commands.send(new OpenAccount({ owner: "" })));
    expect(await commands.send(open())).toEqual({ accountId: "Ann" });
  });
});

describe("the handlers of commands", () => {
  it("D5: are one for each type; a second is refused and the first stays", async () => {
    const handledBy: string[] = [];
    const commands = createCommandBus();
    commands.handle(CloseAccount, () => handledBy.push("first"));
    expect(() => commands.handle(CloseAccount, () => handledBy.push("second"))).toThrow(
      expect.objectContaining({
        code: "already-handled",
        details: {
          type: "CloseAccount",
          first: expect.stringContaining("command-bus.test.ts"),
          second: expect.stringContaining("command-bus.test.ts"),
        },
      }),
    );
    await commands.send(close());
    expect(handledBy).toEqual(["first"]);
  });

  it("D5: of different types stand side by side, and are listed in alphabetical order", () => {
    const commands = createCommandBus();
    expect(commands.handledTypes()).toEqual([]);
    commands.handle(OpenAccount, () => ({ accountId: "a-1" }));
    commands.handle(CloseAccount, () => undefined);
    expect(commands.handledTypes()).toEqual(["CloseAccount", "OpenAccount"]);
  });

  it("D6: are not called for a command that derives from theirs", async () => {
    const handled: CloseAccount[] = [];
    const commands = createCommandBus();
    commands.handle(CloseAccount, (command) => handled.push(command));
    const forced = new ForceClose({ accountId: "a-1", orderedBy: "court" });
    expect(await rejectionOf(commands.send(forced))).toMatchObject({ code: "not-handled", details: { type: "ForceClose" } });
    expect(handled).toEqual([]);
    commands.handle(ForceClose, (command) => handled.push(command));
    await commands.send(forced);
    expect(handled).toEqual([forced]);
  });

  it("D7: are missed at once, and the error lists those that there are", async () => {
    const commands = createCommandBus();
    expect(await rejectionOf(commands.send(close()))).toMatchObject({
      code: "not-handled",
      retryable: false,
      message: "This bus has no handler for CloseAccount. It handles nothing yet. Register one with handle(CloseAccount, ...).",
      details: { type: "CloseAccount", handled: [], near: [] },
    });
    commands.handle(OpenAccount, () => ({ accountId: "a-1" }));
    commands.handle(ForceClose, () => undefined);
    expect(await rejectionOf(commands.send(close()))).toMatchObject({
      message: expect.stringContaining("It handles ForceClose, OpenAccount."),
      details: { type: "CloseAccount", handled: ["ForceClose", "OpenAccount"] },
    });
  });

  it("D18: may leave and come back; other commands are not touched", async () => {
    const commands = createCommandBus();
    const handler = (): { accountId: string } => ({ accountId: "a-1" });
    commands.handle(CloseAccount, () => "closed");
    const end = commands.handle(OpenAccount, handler);
    end();
    expect(await rejectionOf(commands.send(open()))).toMatchObject({ code: "not-handled" });
    expect(await commands.send(close())).toBe("closed");
    commands.handle(OpenAccount, handler);
    expect(await commands.send(open())).toEqual({ accountId: "a-1" });
  });

  it("D18: stay when a registration that ended before is ended again, also if they are the same function", async () => {
    const commands = createCommandBus();
    const handler = (): { accountId: string } => ({ accountId: "a-1" });
    const endFirst = commands.handle(OpenAccount, handler);
    endFirst();
    commands.handle(OpenAccount, handler);
    endFirst();
    expect(await commands.send(open())).toEqual({ accountId: "a-1" });
  });

  it("D18: finish a command that they have begun when they leave meanwhile", async () => {
    const commands = createCommandBus();
    const end = commands.handle(OpenAccount, async () => {
      end();
      return { accountId: await Promise.resolve("a-1") };
    });
    expect(await commands.send(open())).toEqual({ accountId: "a-1" });
    expect(commands.handledTypes()).toEqual([]);
  });
});

describe("a command that its sender gave up", () => {
  it("D15: never reaches its handler, and tells the reason", async () => {
    const handled: CloseAccount[] = [];
    const commands = createCommandBus();
    commands.handle(CloseAccount, (command) => handled.push(command));
    const reason = new Error("the customer left");
    expect(await rejectionOf(commands.send(close(), { signal: AbortSignal.abort(reason) }))).toMatchObject({
      code: "message-canceled",
      cause: reason,
      details: { type: "CloseAccount" },
    });
    expect(handled).toEqual([]);
  });

  it("D15: is told of it while its handler runs, and may finish all the same", async () => {
    const commands = createCommandBus();
    const sender = new AbortController();
    commands.handle(CloseAccount, (_, { signal }) => {
      sender.abort();
      return signal?.aborted;
    });
    expect(await commands.send(close(), { signal: sender.signal })).toBe(true);
  });

  it("D17: does not reach the handler of a command that its own handler passes the signal on to", async () => {
    const opened: OpenAccount[] = [];
    const commands = createCommandBus();
    const sender = new AbortController();
    commands.handle(OpenAccount, (command) => {
      opened.push(command);
      return { accountId: "a-1" };
    });
    commands.handle(CloseAccount, async (_, { signal }) => {
      sender.abort();
      await commands.send(open(), signal === undefined ? {} : { signal });
    });
    expect(await rejectionOf(commands.send(close(), { signal: sender.signal }))).toMatchObject({
      code: "message-canceled",
      details: { type: "CloseAccount" },
    });
    expect(opened).toEqual([]);
  });
});
