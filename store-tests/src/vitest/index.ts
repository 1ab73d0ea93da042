export { expectNoHoles } from "./expect-no-holes.ts";
export { temporaryDirectory } from "./temporary-directory.ts";
