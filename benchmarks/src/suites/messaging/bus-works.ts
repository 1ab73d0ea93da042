import { Command, createCommandBus, createEventBus, Event, type CommandBusOptions } from "@reactive-domain/foundation";
import type { BusWork } from "./bus-work.ts";
import { senderThroughSteps } from "./middleware-work.ts";

class Deposit extends Command("Deposit")<{ accountId: string; amount: number }, number> {}
class AmountDeposited extends Event("AmountDeposited")<{ accountId: string; amount: number }> {}

const SENDERS = 100;
const HANDLERS = 10;

/** What is measured, by name; rival and floor do the same under the same name. */
export const BUS_WORKS: Readonly<Record<string, () => BusWork>> = {
  send: () => senders(1),
  "send.uncorrelated": () => senders(1, { ambientCorrelation: false }),
  "send.100": () => senders(SENDERS),
  "publish.10": publisher,
  middleware: senderThroughSteps,
};

/** Senders that each wait for the answer before they send again. */
function senders(count: number, options?: CommandBusOptions): BusWork {
  const commands = createCommandBus(options);
  commands.handle(Deposit, async ({ amount }) => amount);
  const sendEach = async (sends: number): Promise<void> => {
    let sum = 0;
    for (let index = 0; index < sends; index++) sum += await commands.send(new Deposit({ accountId: "account-1", amount: 1 }));
    if (sum !== sends) throw new Error(`${sum} of ${sends} commands were answered.`);
  };
  return async (sends) => {
    await Promise.all(Array.from({ length: count }, () => sendEach(sends / count)));
  };
}

function publisher(): BusWork {
  const events = createEventBus();
  let handled = 0;
  for (let handler = 0; handler < HANDLERS; handler++) events.subscribe(AmountDeposited, async () => void handled++);
  return async (count) => {
    handled = 0;
    for (let index = 0; index < count; index++) await events.publish(new AmountDeposited({ accountId: "account-1", amount: 1 }));
    if (handled !== count * HANDLERS) throw new Error(`Handlers ran ${handled} times for ${count} events of ${HANDLERS} handlers.`);
  };
}
