import { openKurrentStore } from "@reactive-domain/kurrentdb";

// Appends to one stream as somebody who knows its version, until so many appends are its own, and says which versions they are.
const [url = "", name = "", count = "0"] = process.argv.slice(2);
await using store = await openKurrentStore(url);
for (let won = 0; won < Number(count);) {
  const { lastVersion } = await store.streamInfo("account-1");
  const event = {
    id: crypto.randomUUID(),
    type: "AccountCredited",
    schemaVersion: 1,
    contentType: "application/json",
    data: JSON.stringify({ name }),
    metadata: "{}",
  };
  try {
    const { stream, version, position } = await store.append("account-1", [event], { expectedVersion: lastVersion ?? "noStream" });
    process.stdout.write(`written ${stream} ${version} ${position}\n`);
    won++;
  } catch (error) {
    if ((error as { readonly code?: unknown }).code !== "wrong-expected-version") throw error;
  }
}
