import { getEventListeners } from "node:events";
import { createTestRuntime } from "@reactive-domain/testing";
import {
  Acknowledged,
  Canceled,
  createCommandBus,
  Fail,
  instantiate,
  InvalidMessage,
  metadataOf,
  Success,
  TimedOut,
  type CommandBus,
  type CommandNotice,
  type CommandResponse,
} from "@reactive-domain/messaging";
import { sleep, type MessageMetadata } from "@reactive-domain/core";
import { describe, expect, it } from "vitest";
import { CloseAccount, Deposit, OpenAccount } from "./banking.ts";
import { rejectionOf } from "./refusal.ts";

const close = (): CloseAccount => new CloseAccount({ accountId: "a-1" });
const open = (): OpenAccount => new OpenAccount({ owner: "Ann" });

/** What a bus tells, in short, as it comes. */
function noticesOf(commands: CommandBus): readonly string[] {
  const told: string[] = [];
  commands.observe((notice: CommandNotice) => told.push(`${notice.commandType} ${notice.constructor.name}`));
  return told;
}

describe("the responses to a command", () => {
  it("D1: are an acknowledgement before the handler runs, and what came of it before the sender goes on", async () => {
    const steps: string[] = [];
    const commands = createCommandBus();
    commands.observe((notice) => steps.push(notice.constructor.name));
    commands.handle(CloseAccount, async () => {
      steps.push("handler begins");
      await Promise.resolve();
      steps.push("handler ends");
    });
    await commands.send(close());
    steps.push("sender");
    expect(steps).toEqual(["Acknowledged", "handler begins", "handler ends", "Success", "sender"]);
  });

  it("D1: come in the same order of a handler that answers at once", async () => {
    const commands = createCommandBus();
    const told = noticesOf(commands);
    commands.handle(CloseAccount, () => undefined);
    await commands.send(close());
    expect(told).toEqual(["CloseAccount Acknowledged", "CloseAccount Success"]);
  });

  it.each([
    ["throws", (): never => raise(new Error("frozen"))],
    ["rejects", (): Promise<never> => Promise.reject(new Error("frozen"))],
  ])("D2, D3: are one Fail and no Success where a handler %s, and trySend gives it", async (_, handler) => {
    const commands = createCommandBus();
    const told = noticesOf(commands);
    commands.handle(CloseAccount, handler);
    const response = await commands.trySend(close());
    expect(told).toEqual(["CloseAccount Acknowledged", "CloseAccount Fail"]);
    expect(response).toBeInstanceOf(Fail);
    expect(response).toMatchObject({
      ok: false,
      commandType: "CloseAccount",
      failure: { code: "command-failed", cause: { message: "frozen" } },
    });
    expect(response.ok ? undefined : response.error).toMatchObject({ code: "command-failed", cause: { message: "frozen" } });
  });

  it("D4: have the result that the handler answered, of its type", async () => {
    const commands = createCommandBus();
    commands.handle(OpenAccount, ({ owner }) => ({ accountId: `of-${owner}` }));
    const command = open();
    const response = await commands.trySend(command);
    expect(response).toBeInstanceOf(Success);
    expect(response.ok && response.result.accountId).toBe("of-Ann");
    expect(response.commandId).toBe(metadataOf(command).id);
    expect(metadataOf(response)).toMatchObject({ causationId: metadataOf(command).id, correlationId: metadataOf(command).correlationId });
  });

  it("D7, D21: are a Fail where no handler ran, and nothing is acknowledged", async () => {
    const commands = createCommandBus();
    const told = noticesOf(commands);
    expect(await commands.trySend(close())).toMatchObject({ ok: false, failure: { code: "not-handled" } });
    const handled: Deposit[] = [];
    commands.handle(Deposit, (command) => handled.push(command));
    const invalid = await commands.trySend(new Deposit({ accountId: "a-1", amount: -5 }));
    expect(invalid.ok ? undefined : invalid.error).toBeInstanceOf(InvalidMessage);
    expect(handled).toEqual([]);
    expect(told).toEqual(["CloseAccount Fail", "Deposit Fail"]);
  });

  it("are told to all who observe, until they leave, and who throws there disturbs nobody", async () => {
    const warnings: Error[] = [];
    const onWarning = (warning: Error): void => void warnings.push(warning);
    process.on("warning", onWarning);
    const commands = createCommandBus();
    commands.handle(CloseAccount, () => undefined);
    commands.observe(() => raise(new Error("cannot write")));
    const seen: CommandNotice[] = [];
    const leave = commands.observe((notice) => seen.push(notice));
    await commands.send(close());
    leave();
    leave();
    await commands.send(close());
    expect(seen.map(({ constructor }) => constructor)).toEqual([Acknowledged, Success]);
    await new Promise<void>((resolve) => setImmediate(resolve));
    process.off("warning", onWarning);
    expect(warnings.length).toBe(4);
    expect(warnings[0]?.message).toContain("cannot write");
  });
});

describe("the time of a command", () => {
  /** Runs a handler that takes so long on a clock of its own. */
  async function slow(
    handlerMs: number,
    options: Parameters<typeof createCommandBus>[0],
    sendOptions?: Parameters<CommandBus["send"]>[1],
  ): Promise<{ readonly outcome: unknown; readonly told: readonly string[]; readonly afterMs: number }> {
    const test = createTestRuntime();
    return test.run(async () => {
      const commands = createCommandBus(options);
      const told = noticesOf(commands);
      commands.handle(CloseAccount, () => sleep(handlerMs));
      const startMs = test.clock.monotonicMs();
      const outcome = await commands.send(close(), sendOptions).then(
        () => "done",
        (error: unknown) => error,
      );
      const afterMs = test.clock.monotonicMs() - startMs;
      await sleep(10 * handlerMs);
      return { outcome, told, afterMs };
    });
  }

  it("D8: is up for the sender when it is over, and the handler's later Success is told of as a second response", async () => {
    const { outcome, told, afterMs } = await slow(200, { responseTimeoutMs: 100 });
    expect(outcome).toBeInstanceOf(TimedOut);
    expect(outcome).toMatchObject({ code: "timed-out", details: { type: "CloseAccount", timeoutMs: 100 } });
    expect(afterMs).toBe(100);
    expect(told).toEqual(["CloseAccount Acknowledged", "CloseAccount Canceled", "CloseAccount Success"]);
  });

  it("D8: leaves no trace where the handler fails after it was up", async () => {
    const test = createTestRuntime();
    await test.run(async () => {
      const commands = createCommandBus({ responseTimeoutMs: 100 });
      const told = noticesOf(commands);
      commands.handle(CloseAccount, async () => {
        await sleep(200);
        throw new Error("too late");
      });
      expect(await rejectionOf(commands.send(close()))).toBeInstanceOf(TimedOut);
      await sleep(1_000);
      expect(told).toEqual(["CloseAccount Acknowledged", "CloseAccount Canceled", "CloseAccount Fail"]);
    });
  });

  it("D8: is told to the handler by its signal", async () => {
    await createTestRuntime().run(async () => {
      const commands = createCommandBus({ responseTimeoutMs: 100 });
      const reasons: unknown[] = [];
      commands.handle(CloseAccount, async (_, { signal }) => {
        signal?.addEventListener("abort", () => reasons.push(signal.reason));
        await sleep(200);
      });
      const error = await rejectionOf(commands.send(close()));
      expect(reasons).toEqual([error]);
    });
  });

  it("D8: is told to a handler that looks at its signal only when its time is up", async () => {
    await createTestRuntime().run(async () => {
      const commands = createCommandBus({ responseTimeoutMs: 100 });
      const aborted: unknown[] = [];
      commands.handle(CloseAccount, async (_, context) => {
        await sleep(200);
        aborted.push(context.signal?.aborted);
      });
      await rejectionOf(commands.send(close()));
      await sleep(200);
      expect(aborted).toEqual([true]);
    });
  });

  it("D8: makes trySend give Canceled when it is up", async () => {
    await createTestRuntime().run(async () => {
      const commands = createCommandBus({ responseTimeoutMs: 100 });
      commands.handle(CloseAccount, () => sleep(200));
      const response = await commands.trySend(close());
      expect(response).toBeInstanceOf(Canceled);
      expect(response).toMatchObject({ ok: false, failure: { code: "timed-out" } });
    });
  });

  it("D15: leaves nothing that listens to the sender's signal when the command is done", async () => {
    const commands = createCommandBus();
    const during: number[] = [];
    const { signal } = new AbortController();
    commands.handle(CloseAccount, async (_, context) => {
      await Promise.resolve();
      expect(context.signal?.aborted).toBe(false);
      during.push(getEventListeners(signal, "abort").length);
    });
    await commands.send(close(), { signal });
    expect(during).toEqual([2]);
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  it("D9: may be longer for one command than for the others", async () => {
    expect((await slow(200, { responseTimeoutMs: 100 }, { responseTimeoutMs: 300 })).outcome).toBe("done");
    expect((await slow(200, { responseTimeoutMs: 100 }, { responseTimeoutMs: Number.POSITIVE_INFINITY })).outcome).toBe("done");
    expect((await slow(200, {}, { responseTimeoutMs: 50 })).afterMs).toBe(50);
  });

  it("D10: is 30 seconds where nobody says otherwise, and what the bus says for nested commands, too", async () => {
    expect(await slow(29_999, {})).toMatchObject({ outcome: "done", afterMs: 29_999 });
    expect(await slow(30_001, {})).toMatchObject({ outcome: { code: "timed-out" }, afterMs: 30_000 });
    await createTestRuntime().run(async () => {
      const commands = createCommandBus({ responseTimeoutMs: 100 });
      commands.handle(OpenAccount, async () => {
        await sleep(200);
        return { accountId: "a-1" };
      });
      commands.handle(CloseAccount, () => commands.send(open()));
      const error = await rejectionOf(commands.send(close(), { responseTimeoutMs: 1_000 }));
      expect(error).toMatchObject({
        code: "command-failed",
        cause: { code: "timed-out", details: { type: "OpenAccount", timeoutMs: 100 } },
      });
    });
  });

  it.each([0, -1, 1e9, Number.POSITIVE_INFINITY])("D11: is not moved by when a command counts as slow: %d", async (slowAfterMs) => {
    expect(await slow(200, { responseTimeoutMs: 100, slowAfterMs, onSlow: () => undefined })).toMatchObject({ afterMs: 100 });
    expect(await slow(90, { responseTimeoutMs: 100, slowAfterMs, onSlow: () => undefined })).toMatchObject({
      outcome: "done",
      afterMs: 90,
    });
  });

  it("D11: is reported of commands that are slow, when they are done", async () => {
    const reported: unknown[] = [];
    await slow(200, { slowAfterMs: 150, onSlow: ({ type, ms }) => reported.push([type, ms]) });
    await slow(100, { slowAfterMs: 150, onSlow: ({ type, ms }) => reported.push([type, ms]) });
    expect(reported).toEqual([["CloseAccount", 200]]);
  });

  it("D11: is reported without harm to the command, whatever the report throws", async () => {
    const warnings: Error[] = [];
    const onWarning = (warning: Error): void => void warnings.push(warning);
    process.on("warning", onWarning);
    expect((await slow(200, { slowAfterMs: 150, onSlow: () => raise(new Error("no log")) })).outcome).toBe("done");
    await new Promise<void>((resolve) => setImmediate(resolve));
    process.off("warning", onWarning);
    expect(warnings.map(({ message }) => message)).toEqual(["no log"]);
  });

  it.each([0, -1, Number.NaN])("D12: cannot be %d, and what was before stays", async (ms) => {
    for (const name of ["ackTimeoutMs", "responseTimeoutMs"]) {
      expect(() => createCommandBus({ [name]: ms })).toThrow(
        expect.objectContaining({ code: "invalid-argument", details: expect.objectContaining({ argument: name }) as unknown }) as Error,
      );
      const commands = createCommandBus();
      expect(() => commands.configure({ [name]: ms })).toThrow(expect.objectContaining({ code: "invalid-argument" }) as Error);
      commands.handle(CloseAccount, () => "done");
      expect(await rejectionOf(commands.send(close(), { [name]: ms }))).toMatchObject({ code: "invalid-argument" });
      expect(await commands.send(close())).toBe("done");
    }
  });

  it("D12: changes for the next command, never for one that is under way", async () => {
    const test = createTestRuntime();
    await test.run(async () => {
      const commands = createCommandBus({ responseTimeoutMs: 100 });
      commands.handle(CloseAccount, () => sleep(150));
      const startMs = test.clock.monotonicMs();
      const first = rejectionOf(commands.send(close()));
      commands.configure({ responseTimeoutMs: 1_000 });
      const second = commands.send(close());
      expect(await first).toMatchObject({ details: { timeoutMs: 100 } });
      expect(test.clock.monotonicMs() - startMs).toBe(100);
      await second;
      expect(test.clock.monotonicMs() - startMs).toBe(150);
    });
  });

  it("D15, D17: ends at once when the sender gives up, for a nested command, too", async () => {
    const test = createTestRuntime();
    await test.run(async () => {
      const commands = createCommandBus();
      const told = noticesOf(commands);
      const sender = new AbortController();
      const opened: string[] = [];
      commands.handle(OpenAccount, async ({ owner }) => {
        opened.push(owner);
        await sleep(1_000);
        return { accountId: "a-1" };
      });
      commands.handle(CloseAccount, (_, { signal }) => commands.send(open(), { signal }));
      const failure = rejectionOf(commands.send(close(), { signal: sender.signal }));
      await sleep(10);
      sender.abort("left");
      expect(await failure).toMatchObject({ code: "message-canceled", cause: "left", details: { type: "CloseAccount" } });
      await sleep(2_000);
      expect(opened).toEqual(["Ann"]);
      expect(told.filter((notice) => notice.endsWith("Canceled")).toSorted()).toEqual(["CloseAccount Canceled", "OpenAccount Canceled"]);
      expect(told.filter((notice) => notice.endsWith("Fail"))).toEqual([]);
    });
  });

  it("keeps no timer when nothing is under way", async () => {
    const test = createTestRuntime();
    await test.run(async () => {
      const commands = createCommandBus();
      commands.handle(CloseAccount, () => sleep(1));
      await Promise.all(Array.from({ length: 10 }, () => commands.send(close())));
    });
    await test.settle();
    expect(test.pendingTimers).toBe(0);
  });
});

describe("responses that travel", () => {
  it("B6: survive JSON with what they say, and an error with code, text and details", async () => {
    const commands = createCommandBus();
    commands.handle(OpenAccount, () => ({ accountId: "a-1" }));
    commands.handle(CloseAccount, () => raise(new Error("the account is frozen")));
    for (const command of [open(), close()]) {
      const response = await commands.trySend<unknown>(command);
      const payload = JSON.parse(JSON.stringify(response)) as object;
      const metadata = JSON.parse(JSON.stringify(metadataOf(response))) as MessageMetadata;
      const read: CommandResponse = instantiate<CommandResponse>(response.ok ? Success : Fail, payload, metadata);
      expect(metadataOf(read)).toEqual(metadataOf(response));
      expect({ ...read }).toEqual({ ...response });
      expect(read.commandId).toBe(metadataOf(command).id);
      const errors = [read, response].map((one) =>
        one.ok
          ? undefined
          : { code: (one.error as InvalidMessage).code, message: one.error.message, cause: (one.error.cause as Error).message },
      );
      expect(errors[0]).toEqual(errors[1]);
    }
  });

  it("B6: of a class of one's own keep what they say beside", () => {
    class AccountOpened extends Success<{ readonly accountId: string }> {
      static override readonly type = "AccountOpened";
      declare readonly branch: string;
    }
    const payload = { commandId: "c-1", commandType: "OpenAccount", result: { accountId: "a-1" }, branch: "north" };
    const response = new AccountOpened(payload);
    expect(JSON.parse(JSON.stringify(response))).toEqual(payload);
    expect(response.branch).toBe("north");
    expect(response).toBeInstanceOf(Success);
    expect(response).not.toBeInstanceOf(Canceled);
  });
});

function raise(error: Error): never {
  throw error;
}
