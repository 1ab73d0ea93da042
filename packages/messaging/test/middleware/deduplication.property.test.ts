import { createCommandBus, deduplication, MessageBuilder } from "@reactive-domain/messaging";
import fc from "fast-check";
import { expect, it } from "vitest";
import { OpenAccount } from "../banking.ts";
import { inTestTime } from "./buses.ts";

const sends = fc.array(fc.record({ id: fc.nat(4), afterMs: fc.oneof(fc.nat(2), fc.nat(60)), fails: fc.nat(3).map((one) => one === 0) }), {
  size: "max",
  maxLength: 60,
});
const bounds = fc.record({
  entries: fc.integer({ min: 1, max: 4 }),
  forMs: fc.oneof(fc.integer({ min: 1, max: 100 }), fc.constant(10_000)),
});

/** What has to be remembered: the answers that were asked for last, so many and so young. The last is the youngest. */
class Model {
  #kept: { readonly id: number; readonly answer: number; readonly askedMs: number }[] = [];
  readonly #entries: number;
  readonly #forMs: number;

  constructor({ entries, forMs }: { readonly entries: number; readonly forMs: number }) {
    this.#entries = entries;
    this.#forMs = forMs;
  }

  answerOf(id: number, nowMs: number): number | undefined {
    return this.#kept.find((one) => one.id === id && nowMs - one.askedMs < this.#forMs)?.answer;
  }

  keep(id: number, answer: number, nowMs: number): void {
    this.#kept = [...this.#kept.filter((one) => one.id !== id), { id, answer, askedMs: nowMs }].slice(-this.#entries);
  }
}

it("deduplication remembers what a model does, with every order of ids, times and failures", async () => {
  await fc.assert(
    fc.asyncProperty(sends, bounds, (script, options) =>
      inTestTime(async (test) => {
        const model = new Model(options);
        let handled = 0;
        let fails = false;
        const commands = createCommandBus({ middleware: [deduplication(options)] });
        commands.handle(OpenAccount, () => {
          handled++;
          if (fails) throw new Error("no");
          return { accountId: `${handled}` };
        });
        for (const step of script) {
          await test.clock.advanceBy(step.afterMs);
          const nowMs = test.clock.monotonicMs();
          const known = model.answerOf(step.id, nowMs);
          const expected = known ?? (step.fails ? undefined : handled + 1);
          const before = handled;
          ({ fails } = step);
          const command = MessageBuilder.create(new OpenAccount({ owner: "ann" }), { id: `${step.id}` });
          const answer = await test.run(() => commands.send(command).catch(() => undefined));
          expect(answer?.accountId).toBe(expected === undefined ? undefined : `${expected}`);
          expect(handled - before).toBe(known === undefined ? 1 : 0);
          if (expected !== undefined) model.keep(step.id, expected, nowMs);
        }
      }),
    ),
    { numRuns: 80 },
  );
});
