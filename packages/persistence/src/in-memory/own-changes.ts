import type { GroupDriver, LeaseDriver } from "../adapter/driver.ts";

/** Runs a change that is no part of a copy, or refuses it. */
export type OwnChange = <T>(change: () => T) => T;

/** Leases that are refused while a store is a copy under way. */
export function ownLeases(leases: LeaseDriver, own: OwnChange): LeaseDriver {
  return {
    acquire: (...call) => own(() => leases.acquire(...call)),
    renew: (...call) => own(() => leases.renew(...call)),
    release: (...call) => own(() => leases.release(...call)),
  };
}

/** Consumer groups that are refused, but for looking at them, while a store is a copy under way. */
export function ownGroups(groups: GroupDriver, own: OwnChange): GroupDriver {
  return {
    create: (...call) => own(() => groups.create(...call)),
    delete: (...call) => own(() => groups.delete(...call)),
    list: () => groups.list(),
    status: (...call) => groups.status(...call),
    claim: (...call) => own(() => groups.claim(...call)),
    extend: (...call) => own(() => groups.extend(...call)),
    parked: (...call) => groups.parked(...call),
    replayParked: (...call) => own(() => groups.replayParked(...call)),
  };
}
