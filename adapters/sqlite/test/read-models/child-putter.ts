import { openSqliteReadModels } from "@reactive-domain/sqlite";
import { putBesideOthers } from "@reactive-domain/store-tests";

const [path = "", name = "", count = "0"] = process.argv.slice(2);
await using models = await openSqliteReadModels(path);
await putBesideOthers(models, name, Number(count));
