import type { Http2Session } from "node:http2";

interface Asked {
  readonly waiting: (() => void)[];
  isUnderWay: boolean;
}

/** Waits until a client has answered: what it had sent until then has come. Who waits at the same time shares the question. */
export class Echoes {
  readonly #asked = new WeakMap<Http2Session, Asked>();

  /** Does it at once where there is nobody to ask. */
  after(session: Http2Session | undefined, task: () => void): void {
    if (session === undefined) {
      task();
      return;
    }
    const asked = this.#asked.get(session) ?? { waiting: [], isUnderWay: false };
    this.#asked.set(session, asked);
    asked.waiting.push(task);
    if (!asked.isUnderWay) ask(session, asked);
  }
}

function ask(session: Http2Session, asked: Asked): void {
  const tasks = asked.waiting.splice(0);
  const answered = (): void => {
    asked.isUnderWay = false;
    for (const task of tasks) task();
    if (asked.waiting.length > 0) ask(session, asked);
  };
  asked.isUnderWay = true;
  if (session.destroyed || !session.ping(answered)) answered();
}
