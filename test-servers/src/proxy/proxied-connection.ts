import { connect, type Socket } from "node:net";
import type { Direction } from "./breakpoints.ts";
import { Lane, type Gatekeeper } from "./lane.ts";

/** How a cut looks to the client: the end of the connection in order, or its reset. */
export type CutKind = "end" | "reset";

/** Where a connection leads, and who decides what passes. */
export interface ConnectionOptions {
  readonly client: Socket;
  readonly target: { readonly host: string; readonly port: number };
  readonly judge: Gatekeeper;
  readonly cutKind: CutKind;
}

/** A connection of a client, and the one to the server that stands for it. */
export class ProxiedConnection {
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #cutKind: CutKind;
  readonly #lanes: Readonly<Record<Direction, Lane>>;

  constructor({ client, target, judge, cutKind }: ConnectionOptions) {
    this.#client = client;
    this.#server = connect({ ...target, allowHalfOpen: true });
    this.#cutKind = cutKind;
    const act = (action: "hold" | "cut"): void => (action === "hold" ? this.hold() : this.cut());
    this.#lanes = {
      toServer: new Lane({ direction: "toServer", from: client, to: this.#server, judge, act }),
      toClient: new Lane({ direction: "toClient", from: this.#server, to: client, judge, act }),
    };
    this.#endTogether();
  }

  /** Keeps what is on its way, in both directions or in one. */
  hold(direction?: Direction): void {
    for (const lane of this.#lanesOf(direction)) lane.hold();
  }

  /** Lets pass what was kept, and what comes after it. */
  resume(direction?: Direction): void {
    for (const lane of this.#lanesOf(direction)) lane.resume();
  }

  /** Ends both connections. What has passed reaches the server; what was kept is lost. */
  cut(): void {
    this.#server.destroySoon();
    if (this.#cutKind === "reset") this.#client.resetAndDestroy();
    else this.#client.destroySoon();
  }

  #lanesOf(direction: Direction | undefined): readonly Lane[] {
    return direction === undefined ? Object.values(this.#lanes) : [this.#lanes[direction]];
  }

  /** An error on one side ends the other one; the end in order passes through the lanes. */
  #endTogether(): void {
    for (const socket of [this.#client, this.#server]) {
      socket.setNoDelay(true);
      socket.on("error", () => undefined);
    }
    this.#client.on("close", (failed) => failed && this.#server.destroySoon());
    this.#server.on("close", (failed) => failed && this.#client.destroySoon());
  }
}
