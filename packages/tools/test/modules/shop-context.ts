import { AggregateRoot, boundedContext, Command, Event, Query, type Decider } from "@reactive-domain/foundation";

class OrderOpened extends Event("OrderOpened")<{ id: string }> {}
class CustomerMoved extends Event("CustomerMoved", {
  version: 3,
  upcasters: { 1: (old: object) => old, 2: (old: object) => old },
  subject: "customerId",
  sensitive: ["street", "city"],
})<{ customerId: string; street: string; city: string }> {}
class OpenOrder extends Command("OpenOrder")<{ id: string }> {}
class Move extends Command("Move", { subject: "customerId", sensitive: ["street"] })<{ customerId: string; street: string }> {}
class OrderOf extends Query("OrderOf", { sensitive: ["phone"] })<{ phone: string }, string> {}

class Order extends AggregateRoot {
  static readonly type = "Order";
}

class Stock extends AggregateRoot {
  static readonly type = "Stock";
  static readonly snapshots = { schemaVersion: 2 };
}

class Customer extends AggregateRoot {
  static readonly type = "Customer";
  static readonly snapshots = { schemaVersion: 1, slowerThanMs: 50 };
}

const basket: Decider<OpenOrder, { readonly isOpen: boolean }, OrderOpened> = {
  type: "Basket",
  initial: { isOpen: false },
  evolve: () => ({ isOpen: true }),
  decide: () => [],
  snapshots: { schemaVersion: 4, everyEvents: 10, slowerThanMs: 20 },
};

export const shop = boundedContext("shop", {
  aggregates: [Order, Stock, Customer, basket],
  events: [OrderOpened, CustomerMoved],
  commands: [OpenOrder, Move],
  queries: [OrderOf],
});

/** As it is found in a connected one, beside another. */
export const app = { context: shop, mail: boundedContext("mail", { aggregates: [], events: [OrderOpened], prefix: "post" }) };
