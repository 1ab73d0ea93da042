import { startServer } from "@reactive-domain/kurrentdb-server";
import { openSqliteStore } from "@reactive-domain/sqlite";

// Serves the store in a file until it is killed, and says at which port.
const [file = ""] = process.argv.slice(2);
const server = await startServer(await openSqliteStore(file), { port: 0, insecure: true });
process.stdout.write(`listening ${server.port}\n`);
