import { openPostgresStore } from "@reactive-domain/postgres";
import { appendBesideOthers } from "@reactive-domain/store-tests";

const [url = "", name = "", count = "0"] = process.argv.slice(2);
await using store = await openPostgresStore(url);
await appendBesideOthers(store, name, Number(count));
