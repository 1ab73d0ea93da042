import {
  DeliveryLost,
  type Delivery,
  type DeliveryRef,
  type EventStore,
  type GroupStatus,
  type SettleItem,
  type WriteItem,
  type WriteResult,
} from "@reactive-domain/persistence";
import type { Claim, ClaimRequest, CompleteGroupDefinition, GroupDriver, ReplayRequest } from "@reactive-domain/persistence/adapter";
import { InnerGroups } from "./inner-groups.ts";
import { StoreDriver } from "./store-driver.ts";

type MakeGroups = (inner: EventStore, onChange: () => void) => GroupDriver;

/** A store whose groups do one thing wrong. */
export class StoreWithGroups extends StoreDriver {
  override readonly groups: GroupDriver;

  constructor(makeGroups: MakeGroups) {
    super();
    this.groups = makeGroups(this.inner, () => this.committed());
  }
}

/** Makes groups with a definition that is not what was asked for. */
export function definedAs(facts: Partial<CompleteGroupDefinition>): MakeGroups {
  class MakesOthers extends InnerGroups {
    override create(name: string, definition: CompleteGroupDefinition): Promise<boolean> {
      return super.create(name, { ...definition, ...facts });
    }
  }
  return ({ groups }, onChange) => new MakesOthers(groups, onChange);
}

/** Answers claims in another way. */
function claimingBy(change: (claim: (consumer?: string) => Promise<Claim>, request: ClaimRequest) => Promise<Claim>): MakeGroups {
  class ClaimsInAnotherWay extends InnerGroups {
    override claim(name: string, request: ClaimRequest): Promise<Claim> {
      return change((consumer = request.consumer) => super.claim(name, { ...request, consumer }), request);
    }
  }
  return ({ groups }, onChange) => new ClaimsInAnotherWay(groups, onChange);
}

/** Delivers what it delivered last once more when it has nothing else. */
export const deliversTwice: MakeGroups = (inner, onChange) => {
  let last: readonly Delivery[] = [];
  const groups = claimingBy(async (claim) => {
    const claimed = await claim();
    if (claimed.deliveries.length === 0) return { ...claimed, deliveries: last };
    last = claimed.deliveries;
    return claimed;
  });
  return groups(inner, onChange);
};

/** Takes every delivery for the first. */
export const countsNoAttempts = claimingBy(async (claim) => {
  const claimed = await claim();
  return { ...claimed, deliveries: claimed.deliveries.map((delivery) => Object.assign(delivery, { attempt: 1 })) };
});

/** Does not tell when a retry is due or a lease ends. */
export const forgetsTheTime = claimingBy(async (claim) => ({ ...(await claim()), againInMs: null }));

/** Gives what a crashed consumer had to the next one in one go. */
export const deliversSuspectsTogether = claimingBy(async (claim, { maxEvents }) => {
  const deliveries: Delivery[] = [];
  const claimAs = (count: number): Promise<Claim> => claim(`helper-${count}`);
  let claimed = await claimAs(0);
  while (claimed.deliveries.length > 0 && deliveries.push(...claimed.deliveries) < maxEvents) claimed = await claimAs(deliveries.length);
  return { ...claimed, deliveries };
});

/** Forgets what it was to deliver again. */
export const losesTheReplayed: MakeGroups = (inner, onChange) => {
  class LosesTheReplayed extends InnerGroups {
    override async replayParked(name: string, request: ReplayRequest): Promise<number> {
      const replayed = await super.replayParked(name, request);
      const lost = await inner.groups.claim(name, { consumer: "nobody", maxEvents: 100 });
      await inner.write([
        { kind: "settle", group: name, deliveries: lost.map(({ event, fence }) => ({ position: event.position, fence, outcome: "skip" })) },
      ]);
      return replayed;
    }
  }
  return new LosesTheReplayed(inner.groups, onChange);
};

/** Lets leases end, whatever their consumers ask for. */
export const ignoresExtend: MakeGroups = ({ groups }, onChange) => {
  class IgnoresExtend extends InnerGroups {
    override async extend(): Promise<void> {}
  }
  return new IgnoresExtend(groups, onChange);
};

/** Extends one delivery after another. */
export const extendsInParts: MakeGroups = ({ groups }, onChange) => {
  class ExtendsInParts extends InnerGroups {
    override async extend(name: string, deliveries: readonly DeliveryRef[], leaseMs: number): Promise<void> {
      for (const delivery of deliveries) await super.extend(name, [delivery], leaseMs);
    }
  }
  return new ExtendsInParts(groups, onChange);
};

/** Takes what was taken from the log for what is settled. */
export const tellsTooMuch: MakeGroups = ({ groups }, onChange) => {
  class TellsTooMuch extends InnerGroups {
    override async status(name: string): Promise<GroupStatus> {
      const status = await super.status(name);
      return { ...status, settledUpTo: status.head };
    }
  }
  return new TellsTooMuch(groups, onChange);
};

/** Takes what is settled by whoever does not hold it for settled, and does the rest of the write. */
export class TakesLateSettlements extends StoreDriver {
  override async write(items: readonly WriteItem[]): Promise<WriteResult> {
    try {
      return await super.write(items);
    } catch (error) {
      if (!(error instanceof DeliveryLost)) throw error;
      const rest = items.filter((item) => !isSettle(item));
      return rest.length === 0 ? { position: null, streams: [], repeated: false } : super.write(rest);
    }
  }
}

/** Settles, then appends. */
export class SettlesFirst extends StoreDriver {
  override async write(items: readonly WriteItem[]): Promise<WriteResult> {
    const results: WriteResult[] = [];
    for (const part of [items.filter(isSettle), items.filter((item) => !isSettle(item))])
      if (part.length > 0) results.push(await super.write(part));
    return results.at(-1) ?? super.write(items);
  }
}

/** Counts a delivery that was released as an attempt. */
export class CountsReleases extends StoreDriver {
  override write(items: readonly WriteItem[]): Promise<WriteResult> {
    return super.write(items.map((item) => (isSettle(item) ? withoutReleases(item) : item)));
  }
}

/** Does not tell its waiting claims of anything, and lets them wait to their end. */
export class WakesNobody extends StoreWithGroups {
  constructor() {
    super(forgetsTheTime);
  }

  protected override committed(): void {}
}

function withoutReleases(item: SettleItem): SettleItem {
  const deliveries = item.deliveries.map((one) =>
    one.outcome === "release" ? Object.assign({ ...one }, { outcome: "retry", delayMs: 0 } as const) : one,
  );
  return { ...item, deliveries };
}

function isSettle(item: WriteItem): item is SettleItem {
  return item.kind === "settle";
}
