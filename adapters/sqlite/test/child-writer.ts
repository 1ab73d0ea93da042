import { openSqliteStore } from "@reactive-domain/sqlite";
import { appendBesideOthers } from "@reactive-domain/store-tests";

const [path = "", name = "", count = "0"] = process.argv.slice(2);
await using store = await openSqliteStore(path);
await appendBesideOthers(store, name, Number(count));
