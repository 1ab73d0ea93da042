import type { Socket } from "node:net";
import { MessageSplitter, type ProtocolMessage } from "./message-splitter.ts";
import type { Direction, Verdict } from "./breakpoints.ts";

/** What a lane asks before it lets a message pass. */
export type Gatekeeper = (message: ProtocolMessage, direction: Direction) => Verdict;

/** Where a lane leads from and to, and who decides. */
export interface LaneOptions {
  readonly direction: Direction;
  readonly from: Socket;
  readonly to: Socket;
  readonly judge: Gatekeeper;
  /** What holds or cuts the connection of the lane. */
  readonly act: (action: "hold" | "cut") => void;
}

/** One direction of a connection. It passes whole messages on, one after another, and keeps them while it is held. */
export class Lane {
  readonly #options: LaneOptions;
  readonly #splitter: MessageSplitter;
  readonly #kept: ProtocolMessage[] = [];
  /** Whether the first of those kept was judged already, before it was held. */
  #isJudged = false;
  #isHeld = false;
  #hasEnded = false;

  constructor(options: LaneOptions) {
    this.#options = options;
    this.#splitter = new MessageSplitter(options.direction === "toServer" ? "client" : "server");
    options.from.on("data", (chunk: Buffer) => {
      for (const message of this.#splitter.push(chunk)) this.#take(message);
      this.#pass();
    });
    options.from.on("end", () => {
      this.#hasEnded = true;
      this.#pass();
    });
  }

  hold(): void {
    this.#isHeld = true;
  }

  resume(): void {
    this.#isHeld = false;
    this.#pass();
  }

  /** The proxy has no encryption, and says so. */
  #take(message: ProtocolMessage): void {
    if (message.type === "encryption") this.#options.from.write("N");
    else this.#kept.push(message);
  }

  #pass(): void {
    const { to } = this.#options;
    while (!this.#isHeld && !to.writableEnded && !to.destroyed) {
      const message = this.#kept[0];
      if (message === undefined) break;
      this.#passOne(message);
    }
    if (this.#hasEnded && !this.#isHeld && this.#kept.length === 0) to.end();
  }

  #passOne(message: ProtocolMessage): void {
    const { to, judge, act, direction } = this.#options;
    const verdict: Verdict = this.#isJudged ? { action: "pass" } : judge(message, direction);
    this.#isJudged = verdict.action === "hold";
    if (verdict.action === "hold") {
      act("hold");
      return;
    }
    this.#kept.shift();
    to.write(verdict.action === "cut" ? message.bytes.subarray(0, verdict.bytes) : message.bytes);
    if (verdict.action === "cut") act("cut");
  }
}
