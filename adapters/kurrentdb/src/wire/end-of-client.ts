import { KurrentDBClient } from "@kurrent/kurrentdb-client";

/** How to end a client: what is under way, and the connection if there is one. From then on it makes none. */
export function endOfClient(client: KurrentDBClient): () => Promise<void> {
  return Access.endOf(client);
}

/** What the client keeps for those who derive from it. */
class Access extends KurrentDBClient {
  static endOf(client: Access): () => Promise<void> {
    const { getChannel } = client;
    let isEnded = false;
    let closeLast = (): Promise<void> => Promise.resolve();
    client.getChannel = () => {
      if (isEnded) return Promise.reject(new Error("The client is closed."));
      const channel = getChannel();
      closeLast = async () => (await channel).close();
      return channel;
    };
    return async () => {
      isEnded = true;
      await client.dispose();
      // One that is still looked for is not waited for: that may take a minute, and come to nothing.
      closeLast().catch(() => undefined);
    };
  }
}
