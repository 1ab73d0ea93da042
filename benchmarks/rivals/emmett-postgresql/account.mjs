// The aggregate that Emmett loads and changes: a switch over plain events, as its own documentation writes one.

/** @typedef {{ balanceCents: number }} Account */

/** @returns {Account} */
export const initialState = () => ({ balanceCents: 0 });

/**
 * @param {Account} account
 * @param {{ type: string; data: { amountCents: number } }} event
 * @returns {Account}
 */
export function evolve(account, { type, data }) {
  switch (type) {
    case "AmountDeposited":
      return { ...account, balanceCents: account.balanceCents + data.amountCents };
    case "AmountWithdrawn":
      return { ...account, balanceCents: account.balanceCents - data.amountCents };
    default:
      return account;
  }
}
