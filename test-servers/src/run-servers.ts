import { ServerFiles } from "./server-files.ts";
import { ProgramFiles } from "./program-files.ts";
import type { StewardRequest } from "./steward-request.ts";
import { startServer, type TestServer } from "./start-server.ts";

/** What a test run has started for those who asked. */
export class RunServers {
  #template: Promise<ServerFiles> | undefined;
  #server: Promise<TestServer> | undefined;
  #programs: ProgramFiles | undefined;

  /** Starts what is asked for, if it is the first time. Resolves with the directory of the template, the URL of the server, or the path of the program. */
  async answer(request: StewardRequest): Promise<string> {
    if (request === "template") return (await this.#makeTemplate()).data;
    if (request === "server") return (await this.#startServer()).url;
    const [, program] = /^program (.+)$/s.exec(request) ?? [];
    if (program !== undefined) return (this.#programs ??= new ProgramFiles()).fileOf(program);
    throw new Error(`The steward does not know what "${request}" is.`);
  }

  /** Stops and removes all of it. */
  async close(): Promise<void> {
    await (await settled(this.#server))?.[Symbol.asyncDispose]();
    (await settled(this.#template))?.remove();
    this.#programs?.remove();
  }

  #makeTemplate(): Promise<ServerFiles> {
    return (this.#template ??= makeTemplate());
  }

  #startServer(): Promise<TestServer> {
    return (this.#server ??= this.#makeTemplate().then(({ data }) => startServer({ template: data })));
  }
}

async function makeTemplate(): Promise<ServerFiles> {
  const files = new ServerFiles();
  try {
    await files.fill();
    return files;
  } catch (error) {
    files.remove();
    throw error;
  }
}

const settled = async <T>(promise: Promise<T> | undefined): Promise<T | undefined> => promise?.catch(() => undefined);
