import { openPostgresReadModels } from "@reactive-domain/postgres";
import { putBesideOthers } from "@reactive-domain/store-tests";

const [url = "", name = "", count = "0"] = process.argv.slice(2);
await using models = await openPostgresReadModels(url);
await putBesideOthers(models, name, Number(count));
