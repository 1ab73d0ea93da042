import {
  metadataOf,
  type ConnectedContext,
  type ConsumerGroup,
  type ConsumerOptions,
  type GroupOptions,
} from "@reactive-domain/foundation";
import { Account } from "../domain/account.ts";
import { AccountClosed, AmountDeposited } from "../domain/messages.ts";
import type { Letter, MailFile } from "./mail-file.ts";

/** From here on a deposit is worth a letter. */
export const LARGE_DEPOSIT_CENTS = 45_000;

/** A disk is full for longer than anybody waits for the end of a run; and no letter waits for another one. */
const RULES: GroupOptions = { retryDelayMs: 100, behindParked: "pass" };

export const MAILING: ConsumerOptions = {
  // So long others wait for the events that a killed bank had in hand.
  leaseMs: 2_000,
  // Most deposits are worth no letter: they are settled together, and commands are not kept waiting.
  acknowledge: { upTo: 100 },
  // What stops it comes up where it is waited for, and in reports.
  onFault: () => undefined,
};

// #region mailer
/** Banks that share a store share this work: each event goes to one of them, and comes again until its letter is written. */
export function createMailer(bank: ConnectedContext, mail: MailFile): ConsumerGroup {
  return bank
    .group("mailer", { of: bank.category(Account), types: [AmountDeposited, AccountClosed], ...RULES })
    .on(AmountDeposited, (event) => (event.amountCents < LARGE_DEPOSIT_CENTS ? undefined : mail.send(letterOf(event))))
    .on(AccountClosed, (event) => mail.send(letterOf(event)));
}
// #endregion

function letterOf(event: AmountDeposited | AccountClosed): Letter {
  const { accountId } = event;
  const text = event instanceof AccountClosed ? "Your account is closed." : `${event.amountCents} cents were paid in.`;
  return { id: metadataOf(event).id, accountId, text };
}
