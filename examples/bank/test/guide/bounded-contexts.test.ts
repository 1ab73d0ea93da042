import {
  after,
  AggregateRoot,
  boundedContext,
  Command,
  connect,
  createCommandBus,
  createInMemoryStore,
  derivedId,
  Event,
  MessageBuilder,
  metadataOf,
  ReadModelBase,
  type CommandBus,
  type ConnectedContext,
  type EventStore,
} from "@reactive-domain/foundation";
import { describe, expect, it } from "vitest";

class PlaceOrder extends Command("PlaceOrder")<{ orderId: string; address: string }> {}
class OrderPlaced extends Event("OrderPlaced")<{ orderId: string; address: string }> {}
class PrepareParcel extends Command("PrepareParcel")<{ parcelId: string; to: string }> {}
class ParcelPrepared extends Event("ParcelPrepared")<{ parcelId: string; to: string }> {}

class Order extends AggregateRoot {
  static readonly type = "Order";

  place(address: string): void {
    this.raise(new OrderPlaced({ orderId: this.id, address }));
  }
}

class Parcel extends AggregateRoot {
  static readonly type = "Parcel";

  prepare(to: string): void {
    this.raise(new ParcelPrepared({ parcelId: this.id, to }));
  }
}

// #region contexts
const sales = boundedContext("sales", { aggregates: [Order], events: [OrderPlaced], commands: [PlaceOrder] });
const shipping = boundedContext("shipping", { aggregates: [Parcel], events: [ParcelPrepared], commands: [PrepareParcel] });
// #endregion

// #region translation
/** Says in words of shipping what has happened in sales. */
class ShipWhatIsOrdered extends ReadModelBase {
  constructor(commands: CommandBus) {
    super();
    this.on(OrderPlaced, async (event) => {
      const id = derivedId(metadataOf(event).id, "ship-what-is-ordered", 0); // the same event, the same command
      const prepare = new PrepareParcel({ parcelId: event.orderId, to: event.address });
      await commands.send(MessageBuilder.from(event).create(prepare, { id }));
    });
  }
}
// #endregion

// #region checkpoint
/** The same, from where it had come to. */
class ShipOnwards extends ReadModelBase {
  constructor(commands: CommandBus, store: EventStore) {
    super();
    this.on(OrderPlaced, async (event, { position }) => {
      const id = derivedId(metadataOf(event).id, "ship-what-is-ordered", 0);
      const prepare = new PrepareParcel({ parcelId: event.orderId, to: event.address });
      await commands.send(MessageBuilder.from(event).create(prepare, { id }));
      const expected = await store.checkpoint("shipping"); // moved when it is done: who stops in between sends that command again
      await store.write([{ kind: "checkpoint", name: "shipping", expected, position }]);
    });
  }
}
// #endregion

function open() {
  const store = createInMemoryStore();
  const commands = createCommandBus();
  // #region connect
  const [shop, depot] = [connect(sales, store), connect(shipping, store)];
  // #endregion
  const [orders, parcels] = [shop.correlatedRepository(Order), depot.correlatedRepository(Parcel)];
  commands.handle(PlaceOrder, async (command) => {
    const order = orders.create(command.orderId, command);
    order.place(command.address);
    await orders.save(order);
  });
  // #region handler
  commands.handle(PrepareParcel, async (command) => {
    const parcel = parcels.create(command.parcelId, command);
    parcel.prepare(command.to);
    await parcels.save(parcel); // the same command again: the same event ids, written once
  });
  // #endregion
  return { store, commands, shop, depot };
}

async function eventsOf({ store, serializer }: ConnectedContext, stream: string) {
  const events = [];
  for await (const recorded of store.read({ stream })) events.push(...(await serializer.deserialize(recorded)));
  return events;
}

describe("the guide's bounded contexts", () => {
  it("are verified when a program starts", async () => {
    const { shop, depot, commands } = open();
    // #region verify
    await shop.verify({ commands });
    await depot.verify({ commands });
    // #endregion
    await expect(depot.verify({ commands: createCommandBus() })).rejects.toMatchObject({ code: "context-incomplete" });
  });

  it("are translated into each other, once, also when it is done again", async () => {
    const { shop, depot, commands } = open();
    const place = new PlaceOrder({ orderId: "7", address: "Rome" });
    await commands.send(place);
    for (let run = 0; run < 2; run++) {
      // #region run
      await using translation = new ShipWhatIsOrdered(commands);
      await translation.start(shop.eventType(OrderPlaced));
      // #endregion
      await translation.live;
    }
    const prepared = await eventsOf(depot, "shipping.parcel-7");
    expect(prepared).toHaveLength(1);
    expect(prepared.map((event) => metadataOf(event).correlationId)).toEqual([metadataOf(place).correlationId]);
  });

  it("go on from a checkpoint", async () => {
    const { shop, depot, commands, store } = open();
    const sent: string[] = [];
    const run = async (): Promise<void> => {
      // #region onwards
      await using translation = new ShipOnwards(commands, store);
      const position = await store.checkpoint("shipping");
      await translation.start(shop.eventType(OrderPlaced), position === null ? {} : { from: after(position) });
      // #endregion
      await translation.live;
      sent.push(String(await store.checkpoint("shipping")));
    };
    await commands.send(new PlaceOrder({ orderId: "7", address: "Rome" }));
    await run();
    await commands.send(new PlaceOrder({ orderId: "8", address: "Oslo" }));
    await run();
    await run();
    expect(sent).toEqual(["0", "2", "2"]);
    expect(await eventsOf(depot, "shipping.parcel-8")).toHaveLength(1);
  });
});
