import { InvalidArgument, ObservableProperty, PropertyUnsettled, yieldToLoop, type ReadableProperty } from "@reactive-domain/foundation";
import { describe, expect, it, onTestFinished, vi } from "vitest";

/** What became a warning of the process. */
function warnings(): unknown[] {
  const told: unknown[] = [];
  const spy = vi.spyOn(process, "emitWarning").mockImplementation((warning) => void told.push(warning));
  onTestFinished(() => spy.mockRestore());
  return told;
}

function journalOf<T>(property: ReadableProperty<T>): T[] {
  const seen: T[] = [];
  property.subscribe((value) => void seen.push(value));
  return seen;
}

describe("subscribing to a property", () => {
  it("J14: tells a new subscriber the current value before subscribe returns", () => {
    const property = new ObservableProperty(1);
    property.set(2);
    expect(journalOf(property)).toEqual([2]);
  });

  it("J14: tells each value that is set, before set returns", () => {
    const property = new ObservableProperty("a");
    const seen = journalOf(property);
    property.set("b");
    expect(seen).toEqual(["a", "b"]);
    expect(property.value).toBe("b");
  });

  it("J14: suppresses an update that is equal, unless it is forced", () => {
    const property = new ObservableProperty(Number.NaN);
    const seen = journalOf(property);
    property.set(Number.NaN);
    expect(seen).toEqual([Number.NaN]);
    property.set(Number.NaN, { force: true });
    expect(seen).toEqual([Number.NaN, Number.NaN]);
  });

  it("J14: asks the equality that it was made with, and keeps what was there", () => {
    const first = { cents: 1 };
    const property = new ObservableProperty(first, { equals: (one, other) => one.cents === other.cents });
    const seen = journalOf(property);
    property.set({ cents: 1 });
    expect(property.value).toBe(first);
    property.set({ cents: 2 });
    expect(seen).toEqual([{ cents: 1 }, { cents: 2 }]);
  });

  it("J14: tells an object that was changed in place when it is forced", () => {
    const property = new ObservableProperty<number[]>([]);
    let told = 0;
    property.subscribe(() => told++);
    property.value.push(1);
    property.set(property.value);
    expect(told).toBe(1);
    property.set(property.value, { force: true });
    expect(told).toBe(2);
  });

  it("J14: tells an unsubscribed one nothing, and unsubscribing again does nothing", () => {
    const property = new ObservableProperty(1);
    const seen: number[] = [];
    const other = journalOf(property);
    const stop = property.subscribe((value) => void seen.push(value));
    stop();
    stop();
    property.set(2);
    expect(seen).toEqual([1]);
    expect(other).toEqual([1, 2]);
  });

  it("J14: tells the same function twice that subscribed twice, and each subscription ends alone", () => {
    const property = new ObservableProperty(1);
    const seen: number[] = [];
    const subscriber = (value: number): void => void seen.push(value);
    const stop = property.subscribe(subscriber);
    property.subscribe(subscriber);
    property.set(2);
    stop();
    property.set(3);
    expect(seen).toEqual([1, 1, 2, 2, 3]);
  });

  it("refuses what is no function", () => {
    expect(() => new ObservableProperty(1).subscribe(undefined as never)).toThrow(InvalidArgument);
    expect(() => new ObservableProperty(1, { equals: true as never })).toThrow(InvalidArgument);
  });
});

describe("a subscriber that acts while it is told", () => {
  it("J14: may unsubscribe itself and another one, which is told nothing any more", () => {
    const property = new ObservableProperty(1);
    const seen: string[] = [];
    const stopFirst = property.subscribe((value) => {
      seen.push(`first ${value}`);
      if (value !== 2) return;
      stopFirst();
      stopSecond();
    });
    const stopSecond = property.subscribe((value) => void seen.push(`second ${value}`));
    property.set(2);
    property.set(3);
    expect(seen).toEqual(["first 1", "second 1", "first 2"]);
  });

  it("J14: may set it: all are told the newest, none the older one after it, and none within another call of its own", () => {
    const property = new ObservableProperty(0);
    const seen: string[] = [];
    let [depth, deepest] = [0, 0];
    const before = journalOf(property);
    property.subscribe((value) => {
      deepest = Math.max(deepest, ++depth);
      seen.push(`told ${value}`);
      if (value === 1) property.set(2);
      seen.push(`done ${value}`);
      depth--;
    });
    const behind = journalOf(property);
    property.set(1);
    expect(property.value).toBe(2);
    expect(deepest).toBe(1);
    expect(before).toEqual([0, 1, 2]);
    expect(seen).toEqual(["told 0", "done 0", "told 1", "done 1", "told 2", "done 2"]);
    expect(behind).toEqual([0, 2]);
  });

  it("J14: may set back what there was: whoever was not told anything else is told nothing", () => {
    const property = new ObservableProperty(0);
    property.subscribe((value) => {
      if (value === 1) property.set(0);
    });
    const behind = journalOf(property);
    property.set(1);
    expect(behind).toEqual([0]);
  });

  it("J14: may set it by force to the same: each is told again, once", () => {
    const property = new ObservableProperty(0);
    let isFirst = true;
    property.subscribe((value) => {
      if (value === 1 && isFirst) {
        isFirst = false;
        property.set(1, { force: true });
      }
    });
    const behind = journalOf(property);
    property.set(1);
    expect(behind).toEqual([0, 1]);
  });

  it("J14: may set it at its first value, and sees that after it", () => {
    const property = new ObservableProperty(0);
    const before = journalOf(property);
    const seen: string[] = [];
    property.subscribe((value) => {
      seen.push(`told ${value}`);
      if (value === 0) property.set(1);
      seen.push(`done ${value}`);
    });
    expect(seen).toEqual(["told 0", "done 0", "told 1", "done 1"]);
    expect(before).toEqual([0, 1]);
  });

  it("J14: may subscribe another one, which is told the newest at once and not again", () => {
    const property = new ObservableProperty(0);
    const late: number[] = [];
    let atOnce: readonly number[] = [];
    property.subscribe((value) => {
      if (value !== 1) return;
      property.set(2);
      property.subscribe((inner) => void late.push(inner));
      atOnce = [...late];
    });
    property.set(1);
    expect(atOnce).toEqual([2]);
    expect(late).toEqual([2]);
    property.set(3);
    expect(late).toEqual([2, 3]);
  });

  it("J14: is refused when it sets without an end, and everybody has seen the same at the end", () => {
    const told = warnings();
    const property = new ObservableProperty(0);
    property.subscribe((value) => property.set(value + 1));
    expect(told).toMatchObject([{ code: "property-unsettled" }]);
    expect(told[0]).toBeInstanceOf(PropertyUnsettled);
    const { value } = property;
    expect(journalOf(property)).toEqual([value]);
    property.set(-5);
    expect(property.value).toBeGreaterThan(-5);
  });
});

describe("a subscriber that throws", () => {
  it("J14: keeps nobody else from being told, stays subscribed, and its error is a warning", () => {
    const told = warnings();
    const property = new ObservableProperty(0);
    const error = new Error("no");
    let calls = 0;
    property.subscribe(() => {
      if (++calls === 2) throw error;
    });
    const behind = journalOf(property);
    property.set(1);
    property.set(2);
    expect(told).toEqual([error]);
    expect(behind).toEqual([0, 1, 2]);
    expect(calls).toBe(3);
  });

  it("J14: is told what it had set before it threw", () => {
    warnings();
    const property = new ObservableProperty(0);
    const seen: number[] = [];
    property.subscribe((value) => {
      seen.push(value);
      if (value !== 1) return;
      property.set(2);
      throw new Error("no");
    });
    property.set(1);
    expect(seen).toEqual([0, 1, 2]);
  });

  it("J14: throws to whoever subscribes it at its first value, and is not subscribed", () => {
    const told = warnings();
    const property = new ObservableProperty(0);
    const seen = journalOf(property);
    let calls = 0;
    const refuse = (): never => {
      calls++;
      property.set(1);
      throw new Error("at once");
    };
    expect(() => property.subscribe(refuse)).toThrow("at once");
    property.set(2);
    expect(calls).toBe(1);
    expect(seen).toEqual([0, 1, 2]);
    expect(told).toEqual([]);
  });

  it("J14: may be asynchronous: it is not waited for, and a rejection is a warning", async () => {
    const told = warnings();
    const property = new ObservableProperty(0);
    property.subscribe(async () => {
      await Promise.resolve();
      throw new Error("later");
    });
    await vi.waitFor(() => expect(told).toMatchObject([{ message: "later" }]));
  });

  it("tells whoever sets it what its equality throws, and changes nothing", () => {
    const property = new ObservableProperty(0, {
      equals: () => {
        throw new Error("unequal");
      },
    });
    expect(() => property.set(1)).toThrow("unequal");
    expect(property.value).toBe(0);
  });
});

describe("the changes of a property", () => {
  it("J14: begin with the current value, go on with the newest, and pass over what came while the reader was busy", async () => {
    const property = new ObservableProperty(0);
    const changes = property.changes()[Symbol.asyncIterator]();
    expect(await changes.next()).toEqual({ done: false, value: 0 });
    property.set(1);
    property.set(2);
    expect(await changes.next()).toEqual({ done: false, value: 2 });
    const waiting = changes.next();
    await yieldToLoop();
    property.set(3);
    expect(await waiting).toEqual({ done: false, value: 3 });
  });

  it("J14: leave out what is equal to what was read, unless it was forced meanwhile", async () => {
    const property = new ObservableProperty(0);
    const changes = property.changes()[Symbol.asyncIterator]();
    await changes.next();
    property.set(1);
    property.set(0);
    const waiting = changes.next();
    property.set(2);
    expect(await waiting).toEqual({ done: false, value: 2 });
    property.set(2, { force: true });
    property.set(1);
    property.set(2);
    expect(await changes.next()).toEqual({ done: false, value: 2 });
  });

  it("J14: answer readers that ask ahead in their order", async () => {
    const property = new ObservableProperty(0);
    const changes = property.changes()[Symbol.asyncIterator]();
    const asked = [changes.next(), changes.next(), changes.next()];
    await asked[0];
    property.set(1);
    await asked[1];
    property.set(2);
    expect((await Promise.all(asked)).map(({ value }) => value as number)).toEqual([0, 1, 2]);
  });

  it("J14: end when the reader leaves the loop", async () => {
    const property = new ObservableProperty(0);
    const seen: number[] = [];
    for await (const value of property.changes()) {
      seen.push(value);
      if (value === 2) break;
      property.set(value + 1);
    }
    expect(seen).toEqual([0, 1, 2]);
  });

  it("J14: end a reader that waits when it is returned from elsewhere", async () => {
    const changes = new ObservableProperty(0).changes()[Symbol.asyncIterator]();
    await changes.next();
    const waiting = [changes.next(), changes.next()];
    await yieldToLoop();
    expect(await changes.return?.()).toEqual({ done: true, value: undefined });
    for (const one of waiting) expect(await one).toEqual({ done: true, value: undefined });
    expect(await changes.next()).toEqual({ done: true, value: undefined });
  });

  it("J14: reject with the signal's reason when it aborts, while they wait and before they begin, and are over then", async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const property = new ObservableProperty(0);
    const changes = property.changes({ signal })[Symbol.asyncIterator]();
    await changes.next();
    const waiting = changes.next();
    const reason = new Error("enough");
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    expect(await changes.next()).toEqual({ done: true, value: undefined });
    await expect(property.changes({ signal })[Symbol.asyncIterator]().next()).rejects.toBe(reason);
  });

  it("J14: begin anew in every loop", async () => {
    const property = new ObservableProperty(0);
    const changes = property.changes();
    for await (const value of changes) {
      expect(value).toBe(0);
      break;
    }
    property.set(1);
    for await (const value of changes) {
      expect(value).toBe(1);
      break;
    }
  });
});
