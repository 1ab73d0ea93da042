import { createServer } from "node:net";
import {
  Command,
  createCommandBus,
  createEventBus,
  createQueryBus,
  Event,
  EventBase,
  Query,
  validation,
  type Middleware,
} from "@reactive-domain/messaging";

class OpenOrder extends Command("OpenOrder")<{ id: string }> {}
class CancelOrder extends Command("CancelOrder")<{ id: string }> {}
class OrderOpened extends Event("OrderOpened")<{ id: string }> {}
class OrderOf extends Query("OrderOf")<{ id: string }, string> {}

const audited: Middleware = (_message, _context, next) => next();

/** Goes on for as long as the process does. */
export const server = createServer().listen(0, "127.0.0.1");

export const commands = createCommandBus({ middleware: [audited, validation()] });
commands.handle(OpenOrder, function openOrder() {});
commands.handle(CancelOrder, () => undefined);

const queries = createQueryBus();
queries.handle(OrderOf, function orderOf({ id }) {
  return id;
});

export const app = {
  events: createEventBus(),
  queries,
  commands,
  get later(): never {
    throw new Error("A property that is computed was read.");
  },
  deeper: { queries: createQueryBus() },
};
app.events.subscribe(OrderOpened, function mail() {});
app.events.subscribe(EventBase, function keep() {});

export function describe(): never {
  throw new Error("A function of the module was called.");
}

export const idle = createEventBus();
