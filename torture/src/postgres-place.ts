import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { dropSchema, newSchema, startServer, withClient } from "@reactive-domain/test-servers";
import { storeUrl } from "./postgres-store.ts";
import type { TorturedPlace } from "./tortured-store.ts";

const MOST = 4;

/** A new schema: on a server that is given, or on one of its own, whose data is copied to the folder when it is kept. */
export async function postgresPlace(folder: string, server: string): Promise<TorturedPlace> {
  return server === "" ? placeOnOwnServer(folder) : placeOn(folder, server);
}

function placeOn(folder: string, server: string): TorturedPlace {
  const schema = newSchema();
  return {
    url: `postgres:${storeUrl(server, schema)}`,
    name: `${folder} and the schema ${schema}`,
    most: MOST,
    end: async (isKept) => {
      if (!isKept) await dropSchema(server, schema);
    },
  };
}

async function placeOnOwnServer(folder: string): Promise<TorturedPlace> {
  const server = await startServer();
  const schema = newSchema();
  const end = async (isKept: boolean): Promise<void> => {
    try {
      if (isKept) await copyData(server, join(folder, "data"));
    } finally {
      await server[Symbol.asyncDispose]();
    }
  };
  return {
    url: `postgres:${storeUrl(server.url, schema)}`,
    name: `${folder}, with the data of the server and its schema ${schema}`,
    most: MOST,
    server,
    end,
  };
}

/** Copies what the server has, in order, so that another one can be started on it. */
async function copyData(server: Awaited<ReturnType<typeof startServer>>, to: string): Promise<void> {
  await server.start();
  const { rows } = await withClient(server.url, (client) => client.query<{ data_directory: string }>("SHOW data_directory"));
  await server.stop();
  execFileSync("cp", ["-Rp", rows[0]?.data_directory ?? "", to]);
}
