import { connect } from "@reactive-domain/foundation";
import { openKurrentStore } from "@reactive-domain/kurrentdb";
import { Counted, counting, Told } from "./counting.ts";

// Takes part in a consumer group until it is ended, says what it handles, and writes what handling leads to.
const [url = "", consumer = ""] = process.argv.slice(2);
const bank = connect(counting, await openKurrentStore(url));
const mailer = bank.group("mailer").on(Counted, async ({ number }, context) => {
  process.stdout.write(`handled ${number}\n`);
  await context.append(`told-${number}`, [new Told({ number })]);
});
await mailer.start({ consumer, maxInFlight: 4, batch: 8 });
