import { mkdtempSync, rmSync } from "node:fs";
import { readFile, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, sep } from "node:path";
import { pathToFileURL } from "node:url";
import type { Plugin } from "esbuild";

interface Bundle {
  readonly file: string;
  /** The sources it was made of. */
  readonly inputs: readonly string[];
  readonly begunMs: number;
}

/** Programs in one file each, made of their sources. */
export class ProgramFiles {
  readonly #folder = mkdtempSync(join(tmpdir(), "programs-"));
  readonly #bundles = new Map<string, Promise<Bundle>>();
  #made = 0;

  /** The path of a program, which is made again after one of its sources has changed. */
  async fileOf(program: string): Promise<string> {
    const known = this.#bundles.get(program);
    if (known !== undefined && (await isFresh(await known))) return (await known).file;
    // Somebody else may have found that out meanwhile.
    const now = this.#bundles.get(program);
    const bundle = now === undefined || now === known ? this.#make(program) : now;
    this.#bundles.set(program, bundle);
    return (await bundle).file;
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #make(program: string): Promise<Bundle> {
    const { build } = await import("esbuild");
    const file = join(this.#folder, `${this.#made++}.mjs`);
    await writeFile(file, "");
    const { mtimeMs: begunMs } = await stat(file);
    const { metafile } = await build({
      entryPoints: [program],
      outfile: file,
      bundle: true,
      format: "esm",
      platform: "node",
      target: "node20.19",
      conditions: ["@reactive-domain/source"],
      // Names of classes are names of types, in messages that are stored.
      keepNames: true,
      sourcemap: "linked",
      metafile: true,
      logLevel: "silent",
      plugins: [installedPackages(), ownUrls()],
    });
    return { file, inputs: Object.keys(metafile.inputs), begunMs };
  }
}

async function isFresh({ inputs, begunMs }: Bundle): Promise<boolean> {
  const times = await Promise.all(inputs.map(async (input) => (await stat(input)).mtimeMs));
  return Math.max(...times) < begunMs;
}

/** What is installed stays outside, and is imported from where the source that imports it would find it. */
function installedPackages(): Plugin {
  return {
    name: "installed-packages",
    setup(build) {
      const known = new Map<string, ReturnType<typeof build.resolve>>();
      build.onResolve({ filter: /^[^./]/ }, async ({ path, resolveDir, importer, kind, pluginData }) => {
        if (pluginData === known || kind === "entry-point" || path.startsWith("node:")) return undefined;
        const key = `${kind} ${resolveDir} ${path}`;
        const resolving = known.get(key) ?? build.resolve(path, { kind, importer, resolveDir, pluginData: known });
        known.set(key, resolving);
        const found = await resolving;
        return found.path.includes(`${sep}node_modules${sep}`) ? { path: pathToFileURL(found.path).href, external: true } : found;
      });
    },
  };
}

/** A source goes on saying where it stands. */
function ownUrls(): Plugin {
  return {
    name: "own-urls",
    setup(build) {
      build.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        const own = { url: pathToFileURL(path).href, dirname: dirname(path) };
        const text = await readFile(path, "utf8");
        const contents = text.replace(/\bimport\.meta\.(url|dirname)\b/g, (_all, word: keyof typeof own) => JSON.stringify(own[word]));
        return contents === text ? undefined : { loader: "ts", contents };
      });
    },
  };
}
