import { openPostgresStore } from "@reactive-domain/postgres";
import { handleGroup } from "@reactive-domain/store-tests";

const [url = "", consumer = ""] = process.argv.slice(2);
await using store = await openPostgresStore(url);
await handleGroup(store, consumer);
