/** Streams of scripts: their names begin the same, their categories do and do not. */
export const STREAMS = ["account-1", "account-2", "account", "account2-1", "order-1"] as const;
/** Event types of scripts. */
export const TYPES = ["Opened", "Deposited", "Closed"] as const;
/** What scripts say in metadata. */
export const CORRELATION_IDS = ["c1", "c2"] as const;
