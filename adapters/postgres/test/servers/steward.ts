import { createServer, type AddressInfo } from "node:net";
import { ServerFiles } from "./server-files.ts";
import { guard } from "./guard.ts";
import { startServer, type TestServer } from "./start-server.ts";
import { STEWARD_PORT, type StewardAnswer } from "./steward-client.ts";

/** What a test run has started for those who asked. */
class Steward {
  #template: Promise<TemplateFiles> | undefined;
  #server: Promise<TestServer> | undefined;

  async answer(request: string): Promise<string> {
    if (request === "template") return (await this.#makeTemplate()).data;
    if (request === "server") return (await this.#startServer()).url;
    throw new Error(`The steward does not know what "${request}" is.`);
  }

  async close(): Promise<void> {
    await (await settled(this.#server))?.[Symbol.asyncDispose]();
    (await settled(this.#template))?.remove();
  }

  #makeTemplate(): Promise<TemplateFiles> {
    return (this.#template ??= makeTemplate());
  }

  #startServer(): Promise<TestServer> {
    return (this.#server ??= this.#makeTemplate().then(({ data }) => startServer({ template: data })));
  }
}

interface TemplateFiles {
  readonly data: string;
  remove(): void;
}

async function makeTemplate(): Promise<TemplateFiles> {
  const files = new ServerFiles();
  const watch = guard(files.directory);
  const remove = (): void => {
    files.remove();
    watch.release();
  };
  try {
    await files.fill();
    return { data: files.data, remove };
  } catch (error) {
    remove();
    throw error;
  }
}

const settled = async <T>(promise: Promise<T> | undefined): Promise<T | undefined> => promise?.catch(() => undefined);

/** Waits, at the start of a test run, for tests that ask for a server. Returns what stops all that was started. */
export async function setup(): Promise<() => Promise<void>> {
  const steward = new Steward();
  const desk = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", (request) => {
      void steward
        .answer(request.toString())
        .then(
          (value): StewardAnswer => ({ value }),
          (error: unknown): StewardAnswer => ({ error: String(error) }),
        )
        .then((answer) => socket.end(JSON.stringify(answer)));
    });
  });
  await new Promise<void>((resolve, reject) => {
    desk.once("error", reject).listen({ port: 0, host: "127.0.0.1" }, resolve);
  });
  desk.unref();
  process.env[STEWARD_PORT] = String((desk.address() as AddressInfo).port);
  return async () => {
    desk.close();
    await steward.close();
  };
}
