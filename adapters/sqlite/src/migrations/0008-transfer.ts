/** How far a copy is, as JSON; null in a store that is no copy, or that has been written on its own since. `log.epoch` names the log: a copy has that of its source. */
export const transfer = `
ALTER TABLE log ADD COLUMN copy TEXT;
`;
