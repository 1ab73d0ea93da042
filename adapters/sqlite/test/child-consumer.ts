import { openSqliteStore } from "@reactive-domain/sqlite";
import { handleGroup } from "@reactive-domain/store-tests";

const [path = "", consumer = ""] = process.argv.slice(2);
await using store = await openSqliteStore(path, { pollIntervalMs: 5 });
await handleGroup(store, consumer);
