import {
  createInMemoryStore,
  sleep,
  StoreUnavailable,
  type ConsumerGroup,
  type EventStore,
  type GroupOptions,
} from "@reactive-domain/foundation";
import { injectFaults, type FaultyStore } from "@reactive-domain/testing";
import { accountWith, AccountOpened, AmountDeposited, openBank } from "../banking.ts";
import { never, withCalls } from "./group-calls.ts";

/** What happens during a drill, one thing after another. */
export type DrillStep =
  | { readonly kind: "append"; readonly id: string; readonly events: number }
  | { readonly kind: "join"; readonly upTo: number; readonly maxInFlight: number }
  | { readonly kind: "close" | "kill" | "deafen" | "hear" }
  | { readonly kind: "write-faults"; readonly times: number; readonly outcome: "before" | "after" }
  | { readonly kind: "claim-faults"; readonly times: number }
  | { readonly kind: "pass"; readonly ms: number };

const LEDGER = "banking.ledger-1";
const LEASE_MS = 1_000;
const GROUP: GroupOptions = { retryDelayMs: 50, maxRetryDelayMs: 200, maxAttempts: 4 };
/** Events of this amount are never handled. */
const POISON = 13;

interface Member {
  readonly group: ConsumerGroup;
  isDead: boolean;
  isDeaf: boolean;
}

/** One line of the ledger, which handling wrote with its acknowledgement. */
export interface Entry {
  readonly stream: string;
  readonly position: number;
}

/** Consumers of one group, to whom everything happens. Handlers write each event into a ledger, in the write that settles it. */
export class Drill {
  readonly #faults: FaultyStore = injectFaults(createInMemoryStore());
  readonly #members: Member[] = [];
  readonly #chance: () => number;
  #claimFaults = 0;
  #nextAmount = 1;
  #isKind = false;

  constructor(chance: () => number) {
    this.#chance = chance;
  }

  get store(): EventStore {
    return this.#faults.store;
  }

  async take(step: DrillStep): Promise<void> {
    if (step.kind === "append") return this.#append(step.id, step.events);
    if (step.kind === "join") return this.#join(step.upTo, step.maxInFlight);
    if (step.kind === "write-faults") return this.#faults.failWrites({ times: step.times, outcome: step.outcome });
    if (step.kind === "claim-faults") return void (this.#claimFaults += step.times);
    if (step.kind === "pass") return sleep(step.ms);
    return this.#happen(step.kind);
  }

  /** Ends the troubles, and has a healthy consumer finish the work. */
  async finish(): Promise<void> {
    this.#faults.heal();
    this.#claimFaults = 0;
    this.#isKind = true;
    for (const member of this.#members) member.isDeaf = false;
    await this.#join(0, 4);
    const last = this.#members.at(-1);
    await this.#untilDone();
    for (const member of this.#members) if (!member.isDead) await member.group.close();
    await last?.group.close();
  }

  /** All events that were to be handled, in order. */
  async events(): Promise<readonly (Entry & { readonly isPoison: boolean })[]> {
    const events: (Entry & { isPoison: boolean })[] = [];
    for await (const { stream, position, data } of this.store.read({ category: "banking.account" }))
      events.push({ stream, position, isPoison: (JSON.parse(String(data)) as { amount: number }).amount === POISON });
    return events;
  }

  async ledger(): Promise<readonly Entry[]> {
    const entries: Entry[] = [];
    for await (const { data } of this.store.read({ stream: LEDGER }))
      entries.push(JSON.parse((JSON.parse(String(data)) as { owner: string }).owner) as Entry);
    return entries;
  }

  /** Events behind a parked one of their stream wait for ever: nothing more is done then. */
  async #untilDone(): Promise<void> {
    for (let quiet = 0; quiet < 40;) {
      const { claimed, settledUpTo, head } = await this.store.groups.status("ledger");
      const parked = await this.store.groups.parked("ledger", { limit: 1_000 });
      const isBehind = parked.length > 0 && claimed === 0;
      if (settledUpTo === head || head === null) return;
      quiet = isBehind ? quiet + 1 : 0;
      await sleep(500);
    }
  }

  async #append(id: string, events: number): Promise<void> {
    // As another process does it: no planned fault meets it.
    const { accounts } = openBank(this.#plain);
    const account = (await accounts.tryGetById(id)) ?? accountWith(id);
    for (let index = 0; index < events; index++) account.deposit(this.#nextAmount++ % 20 === POISON ? POISON : 1);
    await accounts.save(account);
  }

  get #plain(): EventStore {
    return withCalls(this.store, { write: () => (items, options) => this.#unharmed(() => this.store.write(items, options)) });
  }

  /** Planned faults that it meets are met by nobody else: it tries until it goes well. */
  async #unharmed<T>(write: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await write();
      } catch (error) {
        if (!(error instanceof StoreUnavailable)) throw error;
      }
    }
  }

  async #join(upTo: number, maxInFlight: number): Promise<void> {
    const group = openBank(this.#storeOf(() => member)).bank.group("ledger", GROUP);
    const member: Member = { group, isDead: false, isDeaf: false };
    group.on(AmountDeposited, async ({ amount }, context) => {
      await this.#trouble(member);
      if (amount === POISON) throw new RangeError("poison");
      const { stream, position } = context;
      const entry = new AccountOpened({ accountId: "ledger", owner: JSON.stringify({ stream, position }) });
      const { id, type, schemaVersion, contentType, data, metadata } = await openBank().bank.serializer.serialize(entry, {} as never);
      context.settleWith({
        kind: "append",
        stream: LEDGER,
        expectedVersion: "any",
        events: [{ id, type, schemaVersion, contentType, data, metadata }],
      });
    });
    const acknowledge = upTo === 0 ? ("each" as const) : { upTo };
    await group.start({ maxInFlight, acknowledge, leaseMs: LEASE_MS, handlerTimeoutMs: 4 * LEASE_MS, graceMs: 300 });
    this.#members.push(member);
  }

  /** What handlers do instead of handling. */
  async #trouble(member: Member): Promise<void> {
    if (member.isDead) return never();
    if (this.#isKind) return;
    const dice = this.#chance();
    if (dice < 0.1) throw new Error("bad luck");
    if (dice < 0.15) await sleep(3 * LEASE_MS);
    else if (dice < 0.17) await never();
    else if (dice < 0.5) await sleep(dice * 100);
  }

  /** The store as a consumer has it. One that is dead is heard by nobody; one that is deaf believes that its leases are extended. */
  #storeOf(memberOf: () => Member): EventStore {
    const dying =
      <A extends readonly unknown[], R>(call: (...args: A) => Promise<R>) =>
      (...args: A): Promise<R> =>
        memberOf().isDead ? never() : call(...args);
    return withCalls(this.store, {
      write: dying,
      status: dying,
      extend:
        (extend) =>
        (...args) =>
          memberOf().isDeaf ? Promise.resolve() : dying(extend)(...args),
      claim:
        (claim) =>
        (...args) => {
          if (this.#claimFaults > 0 && this.#claimFaults-- > 0)
            return Promise.reject(new StoreUnavailable("The store", "is away", { retryable: true }));
          return dying(claim)(...args);
        },
    });
  }

  async #happen(kind: "close" | "kill" | "deafen" | "hear"): Promise<void> {
    const living = this.#members.filter(({ isDead }) => !isDead);
    const member = living[Math.floor(this.#chance() * living.length)];
    if (member === undefined) return;
    if (kind === "close") await member.group.close();
    if (kind === "kill") member.isDead = true;
    if (kind === "deafen") member.isDeaf = true;
    if (kind === "hear") member.isDeaf = false;
  }
}
