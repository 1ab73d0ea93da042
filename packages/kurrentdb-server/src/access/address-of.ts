/** The address of a peer, which is named by that and, behind the last colon, its port. */
export function addressOf(peer: string): string {
  return peer.slice(0, peer.lastIndexOf(":"));
}
