/** What a traced process did to files, in the order in which it did it. Paths and bytes are as the kernel got them. */
export type SystemCall =
  | { readonly kind: "open"; readonly path: string; readonly creates: boolean }
  | { readonly kind: "write"; readonly path: string; readonly bytes: Buffer; readonly offset: number }
  | { readonly kind: "truncate"; readonly path: string; readonly size: number }
  | { readonly kind: "sync"; readonly path: string }
  | { readonly kind: "remove"; readonly path: string }
  | { readonly kind: "told"; readonly text: string };

/** The calls that are traced: all that changes a file or makes it durable. What is not understood of them throws. */
export const TRACED = [
  "openat,creat,pwrite64,pwritev,pwritev2,write,writev,fsync,fdatasync,sync_file_range,ftruncate,truncate,fallocate",
  "unlink,unlinkat,rename,renameat,renameat2,io_uring_enter",
].join();

const CALL = /^(\w+)\((.*)\)\s+= (-?\d+)/;
const DESCRIPTOR = /^\d+<((?:\\x[0-9a-f]{2})*)>/;
const TEXT = /"((?:\\x[0-9a-f]{2})*)"/;

/** Reads the output of `strace -y -xx`. Only calls on paths below `folder` and what was told on standard output are kept. */
export function readTrace(trace: string, folder: string): readonly SystemCall[] {
  return trace.split("\n").flatMap((line): readonly SystemCall[] => {
    const [, name = "", args = "", result = "-1"] = CALL.exec(line) ?? [];
    if (Number(result) < 0) return [];
    if (name === "write" && args.startsWith("1<")) return [{ kind: "told", text: bytesIn(args).toString("utf8") }];
    const call = callOf(name, args, Number(result), line);
    return call !== undefined && call.path.startsWith(folder) ? [call] : [];
  });
}

type FileCall = Exclude<SystemCall, { readonly kind: "told" }>;

function callOf(name: string, args: string, result: number, line: string): FileCall | undefined {
  const path = decoded(DESCRIPTOR.exec(args)?.[1] ?? "").toString("utf8");
  switch (name) {
    case "openat":
      return { kind: "open", path: bytesIn(args).toString("utf8"), creates: args.includes("O_CREAT") };
    case "unlink":
      return { kind: "remove", path: bytesIn(args).toString("utf8") };
    case "fsync":
    case "fdatasync":
      return { kind: "sync", path };
    case "ftruncate":
      return { kind: "truncate", path, size: lastNumber(args) };
    case "pwrite64":
      return { kind: "write", path, bytes: bytesIn(args).subarray(0, result), offset: lastNumber(args) };
    case "write":
      return path.startsWith("/") ? { kind: "write", path, bytes: bytesIn(args).subarray(0, result), offset: Number.NaN } : undefined;
    default:
      throw new Error(`The trace has a call that the model of a disk does not know: ${line.slice(0, 200)}`);
  }
}

function lastNumber(args: string): number {
  return Number(args.slice(args.lastIndexOf(",") + 1));
}

function bytesIn(args: string): Buffer {
  return decoded(TEXT.exec(args)?.[1] ?? "");
}

function decoded(text: string): Buffer {
  return Buffer.from(text.replaceAll("\\x", ""), "hex");
}
