/** Does as much as it is told to. */
export type BusWork = (count: number) => Promise<void>;
