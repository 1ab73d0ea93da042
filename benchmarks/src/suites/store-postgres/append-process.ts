// A process that appends: `append-process.ts URL SCHEMA NAME CALLERS APPENDS`. It says "ready", begins when it is told anything, and ends with a line of JSON.
import { once } from "node:events";
import { openPostgresStore } from "@reactive-domain/postgres";
import { timed } from "../../measure.ts";
import { appendBy } from "../append-by.ts";
import { newAppends, type Append } from "../new-appends.ts";

const [url = "", schema = "", name = "", callers = "", appends = ""] = process.argv.slice(2);
await using store = await openPostgresStore(url, { schema });
// Its connections and plans are there before time counts.
const warm = newAppends(Number(callers)).map((append, index) => renamed(append, `warm-${name}-${index}`));
await appendBy(store, warm, Number(callers));
const load = newAppends(Number(appends)).map((append) => renamed(append, append.stream.replace("account-", `account-${name}-`)));
process.stdout.write("ready\n");
await once(process.stdin, "data");
const ms = await timed(() => appendBy(store, load, Number(callers)));
process.stdout.write(`${JSON.stringify({ appends: load.length, ms })}\n`);
process.stdin.destroy();

function renamed({ events, expectedVersion }: Append, stream: string): Append {
  return { stream, events, expectedVersion };
}
