import { KurrentDBClient } from "@kurrent/kurrentdb-client";

// Takes messages of a persistent subscription until it is killed, acknowledges every other one, and says which it was given and which it leaves.
const [url = "", stream = "", group = ""] = process.argv.slice(2);
const client = KurrentDBClient.connectionString(url);
const subscription = client.subscribeToPersistentSubscriptionToStream(stream, group, { bufferSize: 20 });
for await (const entry of subscription) {
  const revision = Number(entry.event?.revision);
  const isLeft = revision % 10 === 9;
  process.stdout.write(`${isLeft ? "left" : "acknowledged"} ${revision}\n`);
  if (!isLeft) await subscription.ack(entry);
}
