/** Where chance comes from: for spreading what would else happen all at once, never for secrets. */
export interface Chance {
  /** A number from 0 to below 1, each as likely as any other. */
  next(): number;
}

/** The chance of the machine. */
export const systemChance: Chance = { next: () => Math.random() };
