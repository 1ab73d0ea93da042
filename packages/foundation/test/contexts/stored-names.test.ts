import { AggregateRoot, boundedContext, connect, Event, type EventStore, type ReadSource } from "@reactive-domain/foundation";
import { everyStore } from "@reactive-domain/store-tests/every-store";
import { describe, expect, it } from "vitest";
import { storedIn } from "../repositories/stored-events.ts";

const UUID = "0190B6DA-a800-7000-8000-0123456789AB";
const DIGITS = "0190b6daa800700080000123456789ab";

class TestEvent extends Event("TestEventType")<{ nth: number }> {}
class TestAggregate extends AggregateRoot {
  static readonly type = "TestAggregate";
  happen(nth: number): void {
    this.raise(new TestEvent({ nth }));
  }
}

/** Saves one aggregate in a context with a prefix. */
async function saveIn(store: EventStore, prefix: string): Promise<void> {
  const context = boundedContext(prefix, { aggregates: [TestAggregate], events: [TestEvent] });
  const aggregate = new TestAggregate(UUID);
  aggregate.happen(1);
  aggregate.happen(2);
  await connect(context, store).repository(TestAggregate).save(aggregate);
}

describe.each(everyStore)("the names under which $name keeps aggregates", ({ open }) => {
  it("G1: are the prefix, the type and the id for the stream, prefix and type for the category, and the event type without a prefix", async () => {
    const store = await open();
    await saveIn(store, "UnitTest");
    await saveIn(store, "Other");
    const streamsIn = async (source: ReadSource): Promise<readonly string[]> => {
      const streams: string[] = [];
      for await (const { stream } of store.read(source)) streams.push(stream);
      return streams;
    };
    const [stream, other] = [`unittest.testAggregate-${DIGITS}`, `other.testAggregate-${DIGITS}`];
    expect((await storedIn(store, stream)).map(({ version, type }) => ({ version, type }))).toEqual([
      { version: 0, type: "TestEventType" },
      { version: 1, type: "TestEventType" },
    ]);
    expect(await streamsIn({ category: "unittest.testAggregate" })).toEqual([stream, stream]);
    expect(await streamsIn({ eventType: "TestEventType" })).toEqual([stream, stream, other, other]);
  });
});
