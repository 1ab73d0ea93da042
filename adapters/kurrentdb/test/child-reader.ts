import { openKurrentStore } from "@reactive-domain/kurrentdb";

// Opens a store, follows it, writes to it, and closes it; nothing must keep its process then.
const [url = ""] = process.argv.slice(2);
const store = await openKurrentStore(url);
const subscription = store.subscribe({ all: true });
const following = (async () => {
  for await (const message of subscription) if (message.kind === "events") return message.events.length;
  return 0;
})();
const event = {
  id: crypto.randomUUID(),
  type: "AccountOpened",
  schemaVersion: 1,
  contentType: "application/json",
  data: "{}",
  metadata: "{}",
};
await store.append("account-1", [event], { expectedVersion: "any" });
await following;
await store.close();
process.stdout.write("closed\n");
