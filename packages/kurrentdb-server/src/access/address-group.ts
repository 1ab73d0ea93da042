import { isIPv6 } from "node:net";

const GROUPS = 8;
/** Whoever has an address of version 6 has at least 64 bits of them. */
const OWN_GROUPS = 4;

/** What an address shares with all others that the same caller is likely to have: itself, or the first half of version 6. */
export function addressGroup(address: string): string {
  const mapped = /^::ffff:([0-9.]+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  const [plain = ""] = address.split("%");
  if (!isIPv6(plain)) return address;
  const [head = "", tail] = plain.toLowerCase().split("::");
  const before = groupsOf(head);
  const behind = groupsOf(tail ?? "");
  const zeros = tail === undefined ? 0 : Math.max(0, GROUPS - before.length - behind.length);
  return [...before, ...Array<string>(zeros).fill("0"), ...behind].slice(0, OWN_GROUPS).join(":");
}

function groupsOf(text: string): readonly string[] {
  return text === "" ? [] : text.split(":");
}
