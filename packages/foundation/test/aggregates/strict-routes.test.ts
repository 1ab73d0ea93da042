import { AggregateRoot, Event, type EventBase, unroutedEvents, version } from "@reactive-domain/foundation";
import { describe, expect, it } from "vitest";
import { refusalOf } from "../banking.ts";

class Lit extends Event("Lit")<{ lampId: string }> {}
class Flickered extends Event("Flickered", { extends: Lit })<{ times: number }> {}
class Dusted extends Event("Dusted")<{ lampId: string }> {}
class Stolen extends Event("Stolen")<{ lampId: string }> {}

class Lamp extends AggregateRoot {
  static readonly type = "Lamp";
  lit = 0;

  constructor(id: string) {
    super(id, { strictRoutes: true });
    this.register(Lit, () => this.lit++);
    this.passThrough(Dusted);
  }

  happen(event: EventBase): void {
    this.raise(event);
  }
}

describe("strict routes", () => {
  it("A5: refuse an event without a route at the call, and record nothing", () => {
    const lamp = new Lamp("l-1");
    expect(refusalOf(() => lamp.happen(new Stolen({ lampId: "l-1" })))).toMatchObject({
      code: "event-not-routed",
      details: { owner: "Lamp l-1", type: "Stolen" },
    });
    expect(lamp.pendingEvents).toEqual([]);
    expect(lamp.expectedVersion).toBe("noStream");
  });

  it("A5: take what is declared to change nothing, and what derives from a routed event", () => {
    const lamp = new Lamp("l-1");
    lamp.happen(new Dusted({ lampId: "l-1" }));
    lamp.happen(new Flickered({ lampId: "l-1", times: 3 }));
    expect(lamp.lit).toBe(1);
    expect(lamp.pendingEvents).toHaveLength(2);
  });

  it("A5: pass over what a stream holds without a route: it has happened", () => {
    const lamp = new Lamp("l-1");
    lamp.restoreFromEvents([new Stolen({ lampId: "l-1" }), new Lit({ lampId: "l-1" })], version(1));
    expect(lamp.lit).toBe(1);
  });

  it("are proved by a test that asks for those without one", () => {
    expect(unroutedEvents(Lamp, [Lit, Flickered, Dusted])).toEqual([]);
    expect(unroutedEvents(Lamp, [Lit, Stolen])).toEqual(["Stolen"]);
  });

  it("A6: refuse a route beside a declaration that there is nothing to do", () => {
    class Twice extends AggregateRoot {
      static readonly type = "Twice";
      constructor(id: string) {
        super(id);
        this.register(Lit, () => undefined);
        this.passThrough(Lit);
      }
    }
    expect(refusalOf(() => new Twice("t-1"))).toMatchObject({ code: "invalid-argument" });
  });

  it("an event that is none is refused as such", () => {
    expect(refusalOf(() => new Lamp("l-1").happen({} as EventBase))).toMatchObject({
      code: "invalid-argument",
      details: { argument: "event" },
    });
  });
});

describe("pending events", () => {
  it("are handed out as a list that nobody changes under its holder, or can change", () => {
    const lamp = new Lamp("l-1");
    lamp.happen(new Lit({ lampId: "l-1" }));
    const held = lamp.pendingEvents as EventBase[];
    lamp.happen(new Lit({ lampId: "l-1" }));
    expect(held).toHaveLength(1);
    held.length = 0;
    expect(lamp.pendingEvents).toHaveLength(2);
  });
});
