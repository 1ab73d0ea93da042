import { AlreadyClosed, InvalidArgument, position, version, type Checkpoint } from "@reactive-domain/foundation";
import { describe, expect, it } from "vitest";
import { Account, AmountDeposited, refusalOf } from "../banking.ts";
import { Gate, isSettled, quiet } from "../gate.ts";
import { deposit, openWith, virtually } from "../listeners/noted.ts";
import { Totals } from "./totals.ts";

const ORIGIN: Checkpoint = { feed: "letters", version: version(7), position: position(31) };
const gift = (amount = 5): AmountDeposited => new AmountDeposited({ accountId: "a-1", amount });

/** A model that is live. */
async function openTotals(totals = new Totals()) {
  const opened = await openWith(1);
  await totals.start(opened.bank.category(Account));
  await totals.live;
  await quiet();
  return { ...opened, model: totals };
}

/** A model in the middle of an event, and one that is published into it meanwhile. */
async function publishInto() {
  const gate = new Gate();
  const opened = await openTotals(new Totals(({ amount }) => (amount === 13 ? gate.pass() : undefined)));
  await deposit(opened.accounts, "a-1", 13);
  await quiet();
  return { ...opened, gate, publishing: opened.model.publish(gift()) };
}

describe("input from outside of the feeds", () => {
  it(
    "K6: has a capture refused until its origin is recorded, published or applied",
    virtually(async () => {
      for (const feed of [(model: Totals) => model.publish(gift()), (model: Totals) => model.feed("a-1", 5)]) {
        const { model } = await openTotals();
        await feed(model);
        expect(model.of("a-1")).toBe(6);
        expect(refusalOf(() => model.capture())).toMatchObject({ code: "capture-refused", retryable: false });
        model.recordExternal(ORIGIN);
        expect(await model.capture()).toMatchObject({ state: [["a-1", 6]], external: [ORIGIN] });
        await model.close();
      }
    }),
  );

  it(
    "K6: that tells its origin is recorded with it",
    virtually(async () => {
      const { model } = await openTotals();
      await model.publish(gift(), { origin: ORIGIN });
      expect(model.externalCheckpoints).toEqual([ORIGIN]);
      expect((await model.capture()).external).toEqual([ORIGIN]);
      await model.close();
    }),
  );

  it(
    "K6: that tells its origin refuses no capture while it is handled, which waits for it",
    virtually(async () => {
      const gate = new Gate();
      const { model } = await openTotals(new Totals(({ amount }) => (amount === 5 ? gate.pass() : undefined)));
      const publishing = model.publish(gift(), { origin: ORIGIN });
      const capturing = model.capture();
      gate.open();
      await publishing;
      expect(await capturing).toMatchObject({ state: [["a-1", 6]], external: [ORIGIN] });
      await model.close();
    }),
  );

  it(
    "K6: does not count while the state is restored",
    virtually(async () => {
      const { model } = await openTotals();
      const restored = new Totals();
      restored.onRestore = () => void restored.feed("a-1", 0);
      restored.restore(await model.capture());
      expect((await restored.capture()).checkpoints).toEqual(model.checkpoints);
      await model.close();
    }),
  );

  it(
    "K9: leaves checkpoints that are known while the state is restored, come back unchanged and start nothing",
    virtually(async () => {
      const { model } = await openTotals();
      const other: Checkpoint = { feed: "faxes", version: null, position: null };
      model.recordExternal({ ...ORIGIN, position: position(3) });
      model.recordExternal(other);
      model.recordExternal(ORIGIN);
      const snapshot = await model.capture();
      expect(snapshot.external).toEqual([other, ORIGIN]);
      const restored = new Totals();
      let known: readonly Checkpoint[] = [];
      restored.onRestore = () => {
        known = restored.externalCheckpoints;
      };
      restored.restore(snapshot);
      expect(known).toEqual([other, ORIGIN]);
      expect(restored.health).toEqual([]);
      expect(restored.checkpoints.map(({ feed }) => feed)).toEqual(["category Account of banking"]);
      expect(await restored.capture()).toEqual(snapshot);
      await model.close();
    }),
  );

  it(
    "is handled between events, never beside one",
    virtually(async () => {
      const { gate, model, publishing } = await publishInto();
      expect(await isSettled(publishing)).toBe(false);
      expect(model.of("a-1")).toBe(1);
      gate.open();
      await publishing;
      expect(model.of("a-1")).toBe(19);
      await model.close();
    }),
  );

  it(
    "tells handlers what is known of it, and refuses to tell what is not",
    virtually(async () => {
      const asked: unknown[] = [];
      const model = new Totals((_, context) => {
        asked.push(context.stream, context.version, context.metadata.id.length);
        return context.position;
      });
      const context = { stream: "letters-1", version: version(0) };
      const failure = await model.publish(gift(), { context }).catch((error: unknown) => error);
      expect(asked).toEqual(["letters-1", 0, 36]);
      expect(failure).toBeInstanceOf(InvalidArgument);
      expect(failure).toMatchObject({ message: expect.stringContaining("position of an event that came from outside") as string });
      await new Totals((_, known) => [known.position, known.time]).publish(gift(), {
        context: { position: position(1), time: new Date(0) },
      });
      for (const ask of ["stream", "version", "time"] as const)
        await expect(new Totals((_, known) => known[ask]).publish(gift())).rejects.toBeInstanceOf(InvalidArgument);
    }),
  );

  it(
    "that a handler fails on rejects, and leaves a model that cannot be captured or read",
    virtually(async () => {
      const { model } = await openTotals(
        new Totals(({ amount }) => {
          if (amount === 13) throw new Error("no");
        }),
      );
      await expect(model.publish(gift(13), { origin: ORIGIN })).rejects.toThrow("no");
      expect(model.externalCheckpoints).toEqual([]);
      model.recordExternal(ORIGIN);
      expect(refusalOf(() => model.capture())).toMatchObject({ code: "capture-refused", cause: new Error("no") });
      await expect(model.read(() => 1)).rejects.toThrow("no");
      await model.close();
    }),
  );

  it(
    "with an origin that is none is not handled",
    virtually(async () => {
      const { model } = await openTotals();
      await expect(model.publish(gift(), { origin: { ...ORIGIN, feed: "" } })).rejects.toBeInstanceOf(InvalidArgument);
      expect(model.of("a-1")).toBe(1);
      expect(() => model.recordExternal({ ...ORIGIN, position: -1 } as never)).toThrow(InvalidArgument);
      expect(await model.capture()).toMatchObject({ external: [] });
      await model.close();
    }),
  );

  it(
    "is refused by a model that is closed, also when it waited for its turn",
    virtually(async () => {
      const { gate, model, publishing } = await publishInto();
      const closing = model.close();
      gate.open();
      await expect(publishing).rejects.toBeInstanceOf(AlreadyClosed);
      await closing;
      await expect(model.publish(gift())).rejects.toBeInstanceOf(AlreadyClosed);
      expect(model.of("a-1")).toBe(14);
    }),
  );
});
