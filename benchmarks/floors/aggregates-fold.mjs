// The floor of folding: each event's JSON parsed into a plain object, and a switch over its type. No classes, no instances, no metadata, no checks.

/**
 * @typedef {{ readonly type: string; readonly data: string }} Stored
 */

/**
 * The state of an account after its events.
 *
 * @param {readonly Stored[]} events
 */
export function foldPlain(events) {
  const account = { isOpen: false, balanceCents: 0 };
  for (const { type, data } of events) {
    const event = JSON.parse(data);
    switch (type) {
      case "AccountOpened":
        account.isOpen = true;
        break;
      case "AmountDeposited":
        account.balanceCents += event.amountCents;
        break;
      case "AmountWithdrawn":
        account.balanceCents -= event.amountCents;
        break;
    }
  }
  return account;
}
