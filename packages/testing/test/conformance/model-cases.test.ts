import { AssertionError } from "node:assert";
import type { EventStore, Gaps } from "@reactive-domain/persistence";
import { createEventStore, type EventStoreDriver } from "@reactive-domain/persistence/adapter";
import { createInMemoryStore } from "@reactive-domain/persistence/in-memory";
import { createTestRuntime } from "@reactive-domain/testing";
import { modelCases, type ModelOptions } from "@reactive-domain/testing/conformance";
import { describe, expect, it } from "vitest";
import { StoreDriver } from "./store-driver.ts";
import * as drivers from "./wrong-drivers.ts";
import * as expectations from "./wrong-expectations.ts";
import * as subscriptions from "./wrong-subscriptions.ts";

type Open = () => EventStore;

const driven =
  (makeDriver: () => EventStoreDriver): Open =>
  () =>
    createEventStore(makeDriver());
const subscribing =
  (subscribe: Parameters<typeof subscriptions.storeThatSubscribes>[0]): Open =>
  () =>
    subscriptions.storeThatSubscribes(subscribe);

const seedsUpTo = (last: number): readonly number[] => Array.from({ length: last }, (_, index) => index + 1);

const [ONE_CALLER, SEVERAL_CALLERS] = [0, 1];

/** What is wrong with a store that one caller finds out. */
const WRONG_STORES: readonly (readonly [fault: string, open: Open])[] = [
  ["leaves a hole in the positions", driven(() => new drivers.SkipsAPosition())],
  ["ignores noStream", driven(() => new drivers.IgnoresNoStream())],
  ["looks at the version before it looks for a repetition", driven(() => new drivers.ChecksVersionFirst())],
  ["answers a repeated append with a new position", driven(() => new drivers.AnswersRepeatsAnew())],
  ["writes a repeated append again", driven(() => new drivers.ForgetsIds())],
  ["writes several streams in parts", driven(() => new drivers.WritesInParts())],
  ["loses the last event of a page", driven(() => new drivers.LosesTheTail())],
  ["reads one event more than asked", driven(() => new drivers.ReadsOneMore())],
  ["begins one event behind its place", driven(() => new drivers.SkipsThePlace())],
  ["takes a category for a prefix", driven(() => new drivers.CategoryByPrefix())],
  ["takes an underscore for a wildcard", driven(() => new drivers.PrefixByLike())],
  ["does not wake its subscriptions", driven(() => new drivers.ForgetsToWake())],
  ["shows commits out of order", driven(() => new drivers.ShowsCommitsOutOfOrder())],
  ["rewrites JSON", driven(() => new drivers.NormalisesJson())],
  ["tells a wrong version in a conflict", driven(() => new drivers.MisreportsConflicts())],
  ["passes expectations over", driven(() => new expectations.PassesExpectationsOver())],
  ["shows more than a stream's metadata says", driven(() => new drivers.KeepsOneTooMany())],
  ["lets a stream be written that was deleted for ever", driven(() => new drivers.ForgivesTombstones())],
  ["keeps what is to be scavenged", driven(() => new drivers.KeepsWhatIsScavenged())],
  ["ignores filters in subscriptions", subscribing(subscriptions.ignoresFilters)],
  ["gives an event twice at the switch to live", subscribing(subscriptions.repeatsAtTheSwitch)],
  ["signals live twice", subscribing(subscriptions.signalsLiveTwice)],
  ["signals live before the history", subscribing(subscriptions.signalsLiveFirst)],
  ["does not tell progress through what is not selected", subscribing(subscriptions.hidesProgress)],
  ["claims progress that it has not made", subscribing(subscriptions.claimsTooMuch)],
  ["begins a subscription from the end when it is first read", subscribing(subscriptions.beginsLate)],
  ["leaves a reader waiting when its subscription is closed", subscribing(subscriptions.waitsForEver)],
];

describe("the cases of the model", () => {
  it("pass the in-memory store with many seeds", async () => {
    for (const one of modelCases({ seeds: seedsUpTo(50) })) await one.run(async () => createInMemoryStore());
  });

  it("pass it with long scripts", async () => {
    for (const one of modelCases({ seeds: seedsUpTo(10), steps: 150 })) await one.run(async () => createInMemoryStore());
  });

  it("pass it in many schedules", async () => {
    for (const seed of seedsUpTo(60))
      await createTestRuntime({ seed }).run(() => runCase(SEVERAL_CALLERS, createInMemoryStore, { seeds: [seed] }));
  });

  it("do nothing that the store lacks", async () => {
    for (const one of modelCases()) await one.run(async () => createEventStore(new LacksEverything()));
  });

  it.each(WRONG_STORES)("find out a store that %s", async (_, open) => {
    expect(await findingOf(ONE_CALLER, open)).toContain("does not do what a plain list would do");
  });

  it("find out, by several callers only, a store that lets others in between its decision and its write", async () => {
    const open = driven(() => new drivers.DecidesTooEarly());
    expect(await findingOf(ONE_CALLER, open, { seeds: seedsUpTo(20) })).toBeUndefined();
    const script = scriptOf(await findingOf(SEVERAL_CALLERS, open));
    expect(script.length).toBeLessThanOrEqual(3);
    expect(new Set(script.map(([, caller]) => caller)).size).toBeGreaterThan(1);
  });
});

describe("the script that the cases of the model tell", () => {
  it("is one write where that is enough", async () => {
    const finding = await findingOf(
      ONE_CALLER,
      driven(() => new drivers.ForgetsIds()),
    );
    expect(scriptOf(finding).map(([step]) => step)).toEqual([
      expect.stringMatching(/^caller 0 writes \[#\d+ \w+ [^;]+\] to [\w-]+ \(any\)$/),
    ]);
  });

  it("is two writes to one stream where noStream is ignored", async () => {
    const [first = "", second = "", ...others] = scriptOf(
      await findingOf(
        ONE_CALLER,
        driven(() => new drivers.IgnoresNoStream()),
      ),
    ).map(([step]) => step);
    expect(others).toEqual([]);
    const stream = /\] to (?<stream>[\w-]+) \(any\)$/.exec(first)?.groups?.["stream"];
    expect(stream).toBeDefined();
    expect(second).toMatch(new RegExp(`^caller 0 writes \\[[^;]+\\] to ${stream} \\(noStream\\)$`));
  });

  it("is an opening and a closing where closing is wrong", async () => {
    const script = scriptOf(await findingOf(ONE_CALLER, subscribing(subscriptions.waitsForEver)));
    expect(script.map(([step]) => step.replaceAll(/\d+/g, "n"))).toEqual([
      expect.stringMatching(/^caller n opens subscription n to /),
      "caller n closes subscription n",
    ]);
  });

  it("is some writes and a read where a read is wrong", async () => {
    const script = scriptOf(
      await findingOf(
        ONE_CALLER,
        driven(() => new drivers.SkipsThePlace()),
      ),
    ).map(([step]) => step);
    expect(script.length).toBeLessThanOrEqual(3);
    expect(script.at(-1)).toMatch(/^caller 0 (reads|opens) /);
  });

  it("comes with what differs, with its seed, and with how to try it again", async () => {
    const open = driven(() => new drivers.IgnoresNoStream());
    const finding = (await findingOf(ONE_CALLER, open)) ?? "";
    const seed = Number(/^Seed (?<seed>\d+): /.exec(finding)?.groups?.["seed"]);
    expect(finding).toContain(`Try it again by modelCases({ seeds: [${seed}], steps: 25 }).`);
    expect(finding).toMatch(
      /What differs:\n.*: must be refused with wrong-expected-version, .* was expected noStream and is \d+; but was done/,
    );
    expect(await findingOf(ONE_CALLER, open, { seeds: [seed], steps: 25 })).toBe(finding);
  });

  it("comes with the steps that got no answer", async () => {
    class NeverAnswers extends StoreDriver {
      override write(): Promise<never> {
        return new Promise(() => undefined);
      }
    }
    const open = driven(() => new NeverAnswers());
    const finding = await findingOf(ONE_CALLER, open);
    expect(scriptOf(finding)).toHaveLength(1);
    expect(finding).toMatch(/did not come within 500 ms\.\ncaller 0 writes .*: has no answer/);
  });
});

/** A store with nothing but appends and reads. */
class LacksEverything extends StoreDriver {
  readonly gaps: Gaps = {
    severalItems: "no",
    streamMetadata: "no",
    softDelete: "no",
    tombstones: "no",
    scavenge: "no",
    snapshots: "no",
    checkpoints: "no",
    leases: "no",
    consumerGroups: "no",
  };
}

async function runCase(index: number, open: Open, options?: ModelOptions): Promise<void> {
  await modelCases(options)[index]?.run(async () => open());
}

/** What a case says about a store; `undefined` when it finds nothing. */
async function findingOf(index: number, open: Open, options: ModelOptions = { seeds: seedsUpTo(60) }): Promise<string | undefined> {
  try {
    await createTestRuntime().run(() => runCase(index, open, options));
    return undefined;
  } catch (error) {
    if (error instanceof AssertionError && !error.message.startsWith("Deadlock")) return error.message;
    throw error;
  }
}

/** The steps of a finding, each with its caller. */
function scriptOf(finding: string | undefined): readonly (readonly [step: string, caller: string])[] {
  return [...(finding ?? "").matchAll(/^ {2}\d+\. (?<step>caller (?<caller>\d+) .*)$/gm)].map(({ groups }) => [
    groups?.["step"] ?? "",
    groups?.["caller"] ?? "",
  ]);
}
