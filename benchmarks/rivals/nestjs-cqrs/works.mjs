import { AmountDeposited, Deposit, openBankApp } from "./bank-app.mjs";

const SENDERS = 100;
const HANDLERS = 10;

const OPENERS = {
  send: () => openSenders(1),
  "send.100": () => openSenders(SENDERS),
  "publish.10": openPublisher,
};

/**
 * A work, which does as much as it is told to.
 *
 * @param {string} work
 * @returns {Promise<{ run: (count: number) => Promise<void>, close: () => Promise<void> }>}
 */
export function openWork(work) {
  return OPENERS[work]();
}

/** Senders that each wait for the answer before they send again. */
async function openSenders(senders) {
  const { commands, close } = await openBankApp(0, () => undefined);
  const sendEach = async (count) => {
    let sum = 0;
    for (let index = 0; index < count; index++) sum += await commands.execute(new Deposit("account-1", 1));
    if (sum !== count) throw new Error(`${sum} of ${count} commands were answered.`);
  };
  const run = async (count) => {
    await Promise.all(Array.from({ length: senders }, () => sendEach(count / senders)));
  };
  return { run, close };
}

/** `publish` waits for nothing. Here the last handler lets the publisher go on. */
async function openPublisher() {
  let left = 0;
  let goOn = () => undefined;
  const { events, close } = await openBankApp(HANDLERS, () => {
    if (--left === 0) goOn();
  });
  const run = async (count) => {
    for (let index = 0; index < count; index++) {
      left = HANDLERS;
      const handled = new Promise((resolve) => (goOn = resolve));
      events.publish(new AmountDeposited("account-1", 1));
      await handled;
    }
  };
  return { run, close };
}
