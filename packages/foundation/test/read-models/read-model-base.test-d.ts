import {
  after,
  connect,
  createInMemoryStore,
  position,
  ReadModelBase,
  type MessageMetadata,
  type Position,
  type Version,
} from "@reactive-domain/foundation";
import { Account, AmountDeposited, banking, Deposit, GiftReceived } from "../banking.ts";

class Balances extends ReadModelBase {
  total = 0;

  constructor() {
    super();
    this.on(AmountDeposited, (event, context) => {
      this.total += event.amount satisfies number;
      const at: Position = context.position;
      const nth: Version = context.version;
      const when: Date = context.time;
      const metadata: MessageMetadata = context.metadata;
      return [at, nth, when, metadata, context.stream satisfies string];
    });
    this.on(GiftReceived, async (event) => event.from satisfies string);
    // @ts-expect-error a position is never taken for a version
    this.on(AmountDeposited, (_, context) => context.position satisfies Version);
    // @ts-expect-error a deposit does not tell from whom
    this.on(AmountDeposited, (event) => event.from);
    // @ts-expect-error a handler of the derived event does not take every deposit
    this.on(AmountDeposited, (event: GiftReceived) => event.from);
    // @ts-expect-error a command is no event
    this.on(Deposit, () => undefined);
  }
}

const bank = connect(banking, createInMemoryStore());
const balances = new Balances();
await balances.start(bank.category(Account), { from: after(position(3)) });
// @ts-expect-error a number is no position: after(position(3))
await balances.start(bank.category(Account), { from: after(3) });
// @ts-expect-error what was handled is a position, which may be none
await balances.caughtUpTo(balances.health[0]?.handledUpTo);
// @ts-expect-error only the model itself registers handlers
balances.on(AmountDeposited, () => undefined);
