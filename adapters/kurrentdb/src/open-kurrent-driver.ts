import { KurrentDBClient } from "@kurrent/kurrentdb-client";
import { currentRuntime, InvalidArgument, shownUrl } from "@reactive-domain/core";
import { Connection } from "./connection/connection.ts";
import { gapsOf } from "./gaps-of.ts";
import { KurrentDriver } from "./kurrent-driver.ts";
import { checkOptions, checkUrl, type KurrentStoreOptions } from "./kurrent-store-options.ts";
import { featuresOf } from "./wire/server-features.ts";

/** Connects to a server, asks what it can do and where its log ends. */
export async function openKurrentDriver(url: string, options: KurrentStoreOptions): Promise<KurrentDriver> {
  checkUrl(url);
  const settings = checkOptions(options);
  const client = clientOf(url);
  const connection = new Connection({ client, name: `KurrentDB store ${shownUrl(url)}`, runtime: currentRuntime(), ...settings });
  try {
    const features = await connection.run(featuresOf);
    const durability = `a server that speaks the protocol of KurrentDB ${features.version}: what its acknowledgement survives is set there`;
    const driver = new KurrentDriver({ connection, durability, gaps: gapsOf(features) });
    await driver.look();
    return driver;
  } catch (error) {
    await connection.close();
    throw error;
  }
}

/** Errors: `invalid-argument`, without what the client says of a URL: that may have a password in it. */
function clientOf(url: string): KurrentDBClient {
  try {
    return KurrentDBClient.connectionString(url);
  } catch {
    throw new InvalidArgument(
      "url",
      "a connection string that the client of KurrentDB understands, with files that are there",
      shownUrl(url),
    );
  }
}
