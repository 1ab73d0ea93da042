import type { Linked } from "../chain.ts";
import { KeyChain, type LinkedInKey } from "./key-chain.ts";

/** The waiting messages of one key, of which one is handled at a time. */
export class Partition<T extends LinkedInKey<T>> implements Linked<Partition<T>> {
  readonly key: unknown;
  readonly lanes: readonly KeyChain<T>[];
  isBusy = false;
  /** The lane in which it is ready to begin a message; -1 while it is not. */
  readyLane = -1;
  before: Partition<T> | undefined = undefined;
  after: Partition<T> | undefined = undefined;

  constructor(key: unknown, laneCount: number) {
    this.key = key;
    this.lanes = Array.from({ length: laneCount }, () => new KeyChain<T>());
  }

  /** The lane of its most urgent message; -1 without any. */
  get urgentLane(): number {
    for (let lane = 0; lane < this.lanes.length; lane++) if (this.lanes[lane]?.first !== undefined) return lane;
    return -1;
  }
}
