import { AggregateRoot, Event, version, type EventBase, type MessageClass } from "@reactive-domain/foundation";
import { describe, expect, it } from "vitest";
import { refusalOf } from "../banking.ts";

class Lit extends Event("Lit")<{ lampId: string }> {}
class Flickered extends Event("Flickered", { extends: Lit })<{ times: number }> {}
class FlickeredTwice extends Event("FlickeredTwice", { extends: Flickered })<object> {}
class Dusted extends Event("Dusted")<{ lampId: string }> {}

const lit = new Lit({ lampId: "l-1" });
const flickered = new Flickered({ lampId: "l-1", times: 3 });
const twice = new FlickeredTwice({ lampId: "l-1", times: 2 });
const dusted = new Dusted({ lampId: "l-1" });
const HISTORY = [lit, flickered, twice, dusted];

/** Tells which of its routes ran; each instance chooses its routes. */
class Lamp extends AggregateRoot {
  static readonly type = "Lamp";
  readonly ran: string[] = [];

  constructor(id: string, classes: readonly MessageClass<EventBase>[]) {
    super(id);
    for (const eventClass of classes) this.route(eventClass);
  }

  route(eventClass: MessageClass<EventBase>): void {
    this.register(eventClass, () => this.ran.push(`${this.id} ${eventClass.type}`));
  }

  fold(events: readonly EventBase[]): readonly string[] {
    this.restoreFromEvents(events, version(events.length - 1));
    return this.ran;
  }
}

describe("routes of several instances", () => {
  it("A3: run on the instance that they were registered on", () => {
    const lamps = ["a", "b"].map((id) => new Lamp(id, [Lit, Dusted]));
    expect(lamps.map((lamp) => lamp.fold([lit, dusted]))).toEqual([
      ["a Lit", "a Dusted"],
      ["b Lit", "b Dusted"],
    ]);
  });

  it("are each one's own where they were registered in another order, or are others", () => {
    const orders = [[Lit, Dusted], [Dusted, Lit], [Dusted], [Lit, Flickered], [Lit, Dusted, Flickered], [FlickeredTwice, Lit], []];
    const ran = orders.map((classes, index) => new Lamp(`${index}`, classes).fold(HISTORY));
    expect(ran).toEqual([
      ["0 Lit", "0 Lit", "0 Lit", "0 Dusted"],
      ["1 Lit", "1 Lit", "1 Lit", "1 Dusted"],
      ["2 Dusted"],
      ["3 Lit", "3 Flickered", "3 Flickered"],
      ["4 Lit", "4 Flickered", "4 Flickered", "4 Dusted"],
      ["5 Lit", "5 Lit", "5 FlickeredTwice"],
      [],
    ]);
  });

  it("A3: are those of the nearest class, also when the nearest is registered after events of it were folded", () => {
    const lamp = new Lamp("a", [Lit]);
    lamp.fold([twice]);
    lamp.route(Flickered);
    lamp.updateWithEvents([twice], version(1));
    const other = new Lamp("b", [Lit]);
    expect([...lamp.ran, ...other.fold([twice])]).toEqual(["a Lit", "a Flickered", "b Lit"]);
  });

  it("A6: refuse what is no event, and what is no class of events", () => {
    for (const stray of [{}, undefined, null, 5, Object.create(null)]) {
      const lamp = new Lamp("a", [Lit]);
      expect(refusalOf(() => lamp.fold([stray as EventBase]))).toMatchObject({ code: "invalid-argument" });
    }
    for (const stray of [undefined, "Lit", {}, () => undefined])
      expect(refusalOf(() => new Lamp("a", [stray as never]))).toMatchObject({ code: "invalid-argument" });
  });
});
