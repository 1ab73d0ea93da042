import { freePort } from "./free-port.ts";
import { startPostmaster, type Postmaster } from "./postmaster.ts";
import { ServerFiles, type ServerSettings } from "./server-files.ts";
import { askSteward } from "./ask-steward.mjs";

export interface ServerOptions {
  /** Lines of postgresql.conf beside the default ones. */
  readonly settings?: ServerSettings;
  /** A data directory that has never been started, to copy. Default: that of this test run, or a new one where there is no run. */
  readonly template?: string;
}

/** A PostgreSQL 18 of one's own, with a data directory of its own. Disposal kills it and removes what it has written. */
export interface TestServer extends AsyncDisposable {
  /** The superuser `postgres` at the database `postgres`; the same after every start. */
  readonly url: string;
  /** SIGKILL of the server and of all that it has started; resolves when none of them runs any more. */
  kill(): Promise<void>;
  /** Starts it again, on the same port and data. It does nothing when the server runs. */
  start(): Promise<void>;
  /** Ends all connections and stops in order, with a checkpoint. */
  stop(): Promise<void>;
}

const PORT_ATTEMPTS = 3;

/** Starts a server. Rejects with what the programs have said when it does not start. */
export async function startServer({ settings = {}, template }: ServerOptions = {}): Promise<TestServer> {
  const files = new ServerFiles();
  try {
    await files.fill(template ?? (await askSteward("template")));
    files.configure(settings);
    const { port, postmaster } = await startSomewhere(files);
    return new EmbeddedServer({ files, port }, postmaster);
  } catch (error) {
    files.remove();
    throw error;
  }
}

/** Another process may take the port between the look and the start. */
async function startSomewhere(files: ServerFiles): Promise<{ readonly port: number; readonly postmaster: Postmaster }> {
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    try {
      return { port, postmaster: await startPostmaster(files, port) };
    } catch (error) {
      if (attempt === PORT_ATTEMPTS || !/could not bind/.test(String(error))) throw error;
    }
  }
}

interface Place {
  readonly files: ServerFiles;
  readonly port: number;
}

class EmbeddedServer implements TestServer {
  readonly url: string;
  readonly #place: Place;
  #postmaster: Postmaster | undefined;

  constructor(place: Place, postmaster: Postmaster) {
    this.url = `postgres://postgres@127.0.0.1:${place.port}/postgres`;
    this.#place = place;
    this.#postmaster = postmaster;
    process.once("disconnect", this.#orphaned);
  }

  /** A test process goes on for a while when the run to which it belongs was killed. */
  readonly #orphaned = (): void => void this[Symbol.asyncDispose]();

  async kill(): Promise<void> {
    await this.#postmaster?.kill();
    this.#postmaster = undefined;
  }

  async start(): Promise<void> {
    this.#postmaster ??= await startPostmaster(this.#place.files, this.#place.port);
  }

  async stop(): Promise<void> {
    await this.#postmaster?.stop();
    this.#postmaster = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    process.off("disconnect", this.#orphaned);
    await this.kill();
    this.#place.files.remove();
  }
}
