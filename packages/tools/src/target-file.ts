import { shownUrl } from "@reactive-domain/core";
import { UsageError } from "./errors.ts";

const FILE_SCHEME = "sqlite:";
/** A name of a file may have a colon in it; these are names of other places. */
const OTHER_PLACE = /^(?:[a-z][a-z0-9+.-]*:\/\/|memory(?::|$)|file:)/i;

/** The file that is to be made, whether it was given as `FILE` or as `sqlite:FILE`. Throws {@link UsageError} for what names no file. */
export function targetFile(to: string): string {
  const isUrl = to.startsWith(FILE_SCHEME);
  const file = isUrl ? to.slice(FILE_SCHEME.length) : to;
  if (file.trim() === "") throw new UsageError(`The target ${to} names no file. Write it like FILE or ${FILE_SCHEME}FILE.`);
  if (!isUrl && OTHER_PLACE.test(to))
    throw new UsageError(
      `The target must be a file, as FILE or ${FILE_SCHEME}FILE, but is ${shownUrl(to)}. For another kind of store there is copy.`,
    );
  return file;
}
