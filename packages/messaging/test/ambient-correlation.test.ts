import { sleep } from "@reactive-domain/core";
import { createTestRuntime } from "@reactive-domain/testing";
import {
  Command,
  createCommandBus,
  createMessageQueue,
  createEventBus,
  createQueryBus,
  MessageBuilder,
  metadataOf,
  type MessageBase,
} from "@reactive-domain/messaging";
import { describe, expect, it } from "vitest";
import { AmountDeposited, BalanceOf, CloseAccount, OpenAccount } from "./banking.ts";

const LINKS = 10;

class Pass extends Command("Pass")<{ link: number }> {}

/** That each message was led to by the one before it, all under the id of the first. */
function expectChain(messages: readonly MessageBase[]): void {
  const all = messages.map((message) => metadataOf(message));
  expect(all.map(({ correlationId }) => correlationId)).toEqual(all.map(() => all[0]?.id));
  expect(all.map(({ causationId }) => causationId)).toEqual([undefined, ...all.slice(0, -1).map(({ id }) => id)]);
}

/** Ways in which a handler may come to what it sends. */
const WAYS: readonly (readonly [string, () => Promise<unknown>])[] = [
  ["at once", () => Promise.resolve()],
  [
    "behind awaits",
    async () => {
      for (let time = 0; time < 3; time++) await Promise.resolve();
    },
  ],
  ["behind a timer", () => sleep(5)],
  ["in a task of the loop", () => new Promise((resolve) => setImmediate(resolve))],
  ["behind a callback", () => new Promise((resolve) => process.nextTick(resolve))],
];

describe("messages that are sent from a handler", () => {
  it.each(WAYS)("B3: belong to the chain of what it handles, over ten links: %s", async (_, wait) => {
    const handled: Pass[] = [];
    const commands = createCommandBus();
    commands.handle(Pass, async (command) => {
      handled.push(command);
      await wait();
      if (command.link < LINKS) await commands.send(new Pass({ link: command.link + 1 }));
    });
    await commands.send(new Pass({ link: 0 }));
    expect(handled).toHaveLength(LINKS + 1);
    expectChain(handled);
  });

  it("B3: belong to it also behind queues, over ten links", async () => {
    const handled: Pass[] = [];
    const commands = createCommandBus();
    await using queue = createMessageQueue("passes", (command: Pass) => commands.send(command));
    commands.handle(Pass, async (command) => {
      handled.push(command);
      await Promise.resolve();
      if (command.link < LINKS) void queue.post(new Pass({ link: command.link + 1 }));
    });
    await queue.post(new Pass({ link: 0 }));
    await queue.idle();
    expect(handled).toHaveLength(LINKS + 1);
    expectChain(handled);
  });

  it("B3: belong to it also on a bus of another kind", async () => {
    const seen: MessageBase[] = [];
    const [commands, events, queries] = [createCommandBus(), createEventBus(), createQueryBus()];
    const see = <M extends MessageBase>(message: M): M => {
      seen.push(message);
      return message;
    };
    commands.handle(CloseAccount, async (command) => {
      see(command);
      await events.publish(new AmountDeposited({ accountId: "a-1", amount: 1 }));
    });
    events.subscribe(AmountDeposited, async (event) => {
      see(event);
      await queries.ask(new BalanceOf({ accountId: "a-1" }));
    });
    queries.handle(BalanceOf, (query) => {
      see(query);
      return { balance: 1 };
    });
    await commands.send(new CloseAccount({ accountId: "a-1" }));
    expectChain(seen);
  });

  it("agree with those that say where they belong", async () => {
    const handled: MessageBase[] = [];
    const commands = createCommandBus();
    commands.handle(CloseAccount, async (command) => {
      handled.push(command);
      await commands.send(new OpenAccount({ owner: "by itself" }));
      await commands.send(MessageBuilder.from(command).create(new OpenAccount({ owner: "by hand" })));
    });
    commands.handle(OpenAccount, (command) => {
      handled.push(command);
      return { accountId: "a-1" };
    });
    await commands.send(MessageBuilder.create(new CloseAccount({ accountId: "a-1" }), { actor: "ann", tenant: "north" }));
    const [source, ...others] = handled.map((message) => metadataOf(message));
    for (const { correlationId, causationId, actor, tenant } of others)
      expect({ correlationId, causationId, actor, tenant }).toEqual({
        correlationId: source?.correlationId,
        causationId: source?.id,
        actor: "ann",
        tenant: "north",
      });
  });

  it("B2: keep the place that they have", async () => {
    const handled: OpenAccount[] = [];
    const commands = createCommandBus();
    commands.handle(CloseAccount, () => commands.send(MessageBuilder.create(new OpenAccount({ owner: "Ann" }))));
    commands.handle(OpenAccount, (command) => {
      handled.push(command);
      return { accountId: "a-1" };
    });
    await commands.send(new CloseAccount({ accountId: "a-1" }));
    const [metadata] = handled.map((message) => metadataOf(message));
    expect(metadata?.correlationId).toBe(metadata?.id);
    expect(metadata?.causationId).toBeUndefined();
  });

  it("do not mix where many are handled at a time", async () => {
    const test = createTestRuntime({ seed: 5 });
    await test.run(async () => {
      const chains = new Map<number, Pass[]>();
      const commands = createCommandBus();
      commands.handle(Pass, async (command) => {
        const chain = command.link % 100;
        chains.set(chain, [...(chains.get(chain) ?? []), command]);
        await sleep(command.link % 7);
        if (command.link < 1_000) await commands.send(new Pass({ link: command.link + 100 }));
      });
      await Promise.all(Array.from({ length: 50 }, (_, chain) => commands.send(new Pass({ link: chain }))));
      for (const chain of chains.values()) expectChain(chain);
      expect(chains.size).toBe(50);
    });
  });
});
