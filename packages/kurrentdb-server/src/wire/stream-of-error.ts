import type { ReactiveDomainError } from "@reactive-domain/core";

/** The stream that an error of the store is about. */
export function streamOfError({ details }: ReactiveDomainError): string {
  const { stream } = details;
  return typeof stream === "string" ? stream : "";
}
