import type { EventFilter, ReadOptions, ReadSource, SubscribeOptions, WriteItem } from "@reactive-domain/persistence";

/** A write of one or several items. */
export interface WriteStep {
  readonly kind: "write";
  readonly items: readonly WriteItem[];
}

/** A read from its place to its end, batch by batch. */
export interface ReadStep {
  readonly kind: "read";
  readonly source: ReadSource;
  readonly options: ReadOptions;
}

/** Asks what is known of a stream. */
export interface InfoStep {
  readonly kind: "info";
  readonly stream: string;
}

/** Removes what is hidden. */
export interface ScavengeStep {
  readonly kind: "scavenge";
}

/** Opens a subscription. One that is eager is read at once and all the time, the others by {@link AdvanceStep}. */
export interface FollowStep {
  readonly kind: "follow";
  /** What other steps call it. Unique in a script. */
  readonly subscription: number;
  readonly source: ReadSource;
  readonly options: Pick<SubscribeOptions, "from" | "maxBatchEvents"> & { readonly filter?: EventFilter };
  readonly isEager: boolean;
}

/** Takes some messages of a subscription, as far as there must be some. */
export interface AdvanceStep {
  readonly kind: "advance";
  readonly subscription: number;
  readonly messages: number;
}

/** Closes a subscription. */
export interface LeaveStep {
  readonly kind: "leave";
  readonly subscription: number;
}

export type Action = WriteStep | ReadStep | InfoStep | ScavengeStep | FollowStep | AdvanceStep | LeaveStep;

/** One thing that one of several callers does. A caller waits for the answer before its next step; it waits for no other caller. */
export interface Step {
  readonly caller: number;
  readonly action: Action;
}

/** What is done to a store: data, which can be kept, shortened and run again. */
export type Script = readonly Step[];
