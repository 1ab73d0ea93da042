import type { BackupResult } from "@reactive-domain/persistence";
import { bytesText } from "../bytes-text.ts";
import { interruptible } from "../interruptible.ts";
import { maintain, type MaintenanceOptions } from "../open-maintenance.ts";
import type { Output } from "../output.ts";
import { printable } from "../printable.ts";
import { targetFile } from "../target-file.ts";

export interface BackUpStoreOptions extends MaintenanceOptions {
  /** The file that is made, as `FILE` or `sqlite:FILE`. */
  readonly to: string;
  readonly replace?: boolean;
}

/** Makes a copy of a store, and tells of it when it is whole. */
export async function backUpStore(options: BackUpStoreOptions, output: Output): Promise<void> {
  const { replace = false, json } = options;
  const to = targetFile(options.to);
  const result = await interruptible((signal) => maintain(options, (maintenance) => maintenance.backup(to, { replace, signal })));
  await output.write([json === true ? JSON.stringify(result) : asLine(result)]);
}

function asLine({ target, bytes, head }: BackupResult): string {
  const end = head === null ? "without events" : `up to position ${head}`;
  return `${printable(target)}: ${bytesText(bytes)}, ${end}, verified`;
}
