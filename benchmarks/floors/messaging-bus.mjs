// The floor of the buses: `messaging-bus.mjs WORK MESSAGES`, with a Map from a type's name to asynchronous functions. It ends with a line of JSON.

const SENDERS = 100;
const HANDLERS = 10;
const WARM_UP = 100_000;

const handlers = new Map([
  ["Deposit", [async (command) => command.amount]],
  ["AmountDeposited", Array.from({ length: HANDLERS }, () => async () => void handled++)],
]);
let handled = 0;

const WORKS = {
  send: (count) => sendEach(count),
  "send.100": async (count) => {
    await Promise.all(Array.from({ length: SENDERS }, () => sendEach(count / SENDERS)));
  },
  "publish.10": publishEach,
};

const [work = "", messages = ""] = process.argv.slice(2);
const run = WORKS[work];
if (run === undefined) throw new RangeError(`The work is "${work}"; expected one of ${Object.keys(WORKS).join(", ")}.`);
await run(WARM_UP);
const startMs = performance.now();
await run(Number(messages));
process.stdout.write(`${JSON.stringify({ count: Number(messages), ms: performance.now() - startMs })}\n`);

async function sendEach(count) {
  let sum = 0;
  for (let index = 0; index < count; index++) sum += await send({ type: "Deposit", accountId: "account-1", amount: 1 });
  if (sum !== count) throw new Error(`${sum} of ${count} commands were answered.`);
}

function send(command) {
  const [handler] = handlers.get(command.type) ?? [];
  if (handler === undefined) throw new Error(`Nobody handles ${command.type}.`);
  return handler(command);
}

async function publishEach(count) {
  handled = 0;
  for (let index = 0; index < count; index++) {
    const event = { type: "AmountDeposited", accountId: "account-1", amount: 1 };
    await Promise.all((handlers.get(event.type) ?? []).map((handler) => handler(event)));
  }
  if (handled !== count * HANDLERS) throw new Error(`Handlers ran ${handled} times for ${count} events of ${HANDLERS} handlers.`);
}
