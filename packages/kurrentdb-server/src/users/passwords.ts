import { randomBytes, scrypt, timingSafeEqual, type ScryptOptions } from "node:crypto";
import { status } from "@grpc/grpc-js";
import { Refusal } from "../wire/refusal.ts";
import { HASH_BYTES, type KeptPassword } from "./kept-password.ts";

// As OWASP's cheat sheet on password storage has it: 32 MiB, and time enough that guessing is slow.
const COST = { N: 2 ** 15, r: 8, p: 3 };
const SALT_BYTES = 16;
const MIB = 1024 * 1024;
/** Each takes memory and a thread of the process. */
const MAX_AT_ONCE = 2;
const MAX_WAITING = 64;

/** Makes and checks what passwords are recognised by, few at once: it is meant to be slow. */
export class Passwords {
  readonly #waiting: (() => void)[] = [];
  #atWork = 0;

  /** Errors: unavailable, where too many wait. */
  async keep(password: string): Promise<KeptPassword> {
    const salt = randomBytes(SALT_BYTES);
    const hash = await this.#hash(password, salt, COST);
    return { algorithm: "scrypt", ...COST, salt: salt.toString("base64"), hash: hash.toString("base64") };
  }

  /** Whether it is this password. Without one nothing is, and it takes as long: nobody learns whether there is such a user. Errors: unavailable, where too many wait. */
  async isRight(password: string, kept: KeptPassword | undefined): Promise<boolean> {
    const { N, r, p } = kept ?? COST;
    const actual = await this.#hash(password, Buffer.from(kept?.salt ?? "", "base64"), { N, r, p });
    return kept !== undefined && timingSafeEqual(actual, Buffer.from(kept.hash, "base64"));
  }

  async #hash(password: string, salt: Buffer, { N, r, p }: typeof COST): Promise<Buffer> {
    await this.#enter();
    try {
      return await scrypted(password, salt, { N, r, p, maxmem: 128 * r * (N + p) + MIB });
    } finally {
      this.#leave();
    }
  }

  async #enter(): Promise<void> {
    if (this.#atWork < MAX_AT_ONCE) {
      this.#atWork++;
      return;
    }
    if (this.#waiting.length >= MAX_WAITING)
      throw new Refusal(status.UNAVAILABLE, "The server is checking as many passwords as it can. Try again.");
    await new Promise<void>((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  /** The place goes to who has waited longest. */
  #leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#atWork--;
    else next();
  }
}

function scrypted(password: string, salt: Buffer, options: ScryptOptions): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password, salt, HASH_BYTES, options, (error, hash) => (error === null ? resolve(hash) : reject(error)));
  });
}
