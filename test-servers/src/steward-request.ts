/** What the steward has: the data directory to copy; the URL of the shared server, which it starts for the first one who asks; or the path of a program in one file, which it makes of its sources. */
export type StewardRequest = "template" | "server" | `program ${string}`;

/** What the steward answers. */
export interface StewardAnswer {
  readonly value?: string;
  readonly error?: string;
}
