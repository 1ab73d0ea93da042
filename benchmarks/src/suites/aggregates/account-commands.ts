import {
  connect,
  createAggregateCache,
  version,
  type CorrelatedRepository,
  type EventStore,
  type Repository,
} from "@reactive-domain/foundation";
import { Account, banking, Deposit } from "./account.ts";
import { balanceOf, historyOf } from "./history.ts";

const ID = "000001";
const OTHER_ID = "000002";
const WRITE_EVENTS = 500;

/** Commands on one account that only ever grows, kept in a cache. */
export class AccountCommands {
  readonly #store: EventStore;
  readonly #cached: CorrelatedRepository<Account>;
  readonly #loaded: Repository<Account>;
  readonly #stream: string;
  readonly #otherStream: string;
  readonly #historyCents: number;
  #deposits = 0;
  #appended: number;

  private constructor(store: EventStore, events: number) {
    const bank = connect(banking, store);
    this.#store = store;
    this.#cached = bank.correlatedRepository(Account, { cache: createAggregateCache({ maxBytes: 64 * 1_024 * 1_024 }) });
    this.#loaded = bank.repository(Account);
    this.#stream = bank.streamNames.forAggregate(Account.type, ID);
    this.#otherStream = bank.streamNames.forAggregate(Account.type, OTHER_ID);
    this.#historyCents = balanceOf(events);
    this.#appended = events;
  }

  /** Two accounts with so many events each: one for commands, one for bare appends. */
  static async on(store: EventStore, events: number): Promise<AccountCommands> {
    const commands = new AccountCommands(store, events);
    for (const stream of [commands.#stream, commands.#otherStream]) {
      const history = historyOf(ID, events);
      for (let start = 0; start < events; start += WRITE_EVENTS)
        await store.append(stream, history.slice(start, start + WRITE_EVENTS), { expectedVersion: "any" });
    }
    return commands;
  }

  /** Carries out commands one after another; before each, `others` write to the account, if there are any. */
  async deposit(count: number, others?: EventStore): Promise<void> {
    for (let index = 0; index < count; index++) {
      if (others !== undefined) await this.#depositBy(others);
      await this.#cached.update(ID, new Deposit({ accountId: ID }), (account) => account.deposit(1));
      this.#deposits++;
    }
  }

  /** Appends as many events as the commands would, at the version that the stream has. */
  async append(count: number): Promise<void> {
    for (let index = 0; index < count; index++) {
      await this.#store.append(this.#otherStream, historyOf(OTHER_ID, 1), { expectedVersion: version(this.#appended - 1) });
      this.#appended++;
    }
  }

  /** Throws unless the account holds what was deposited. */
  async check(): Promise<void> {
    const { balanceCents } = await this.#loaded.getById(ID);
    const expected = this.#historyCents + this.#deposits;
    if (balanceCents !== expected) throw new Error(`The account holds ${balanceCents} cents; ${expected} were deposited.`);
  }

  async #depositBy(others: EventStore): Promise<void> {
    const [event] = historyOf(ID, 2).slice(1);
    if (event === undefined) return;
    await others.append(this.#stream, [{ ...event, data: JSON.stringify({ accountId: ID, amountCents: 1 }) }], { expectedVersion: "any" });
    this.#deposits++;
  }
}
