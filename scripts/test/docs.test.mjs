import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { checkDocs, refreshDocs } from "../docs.mjs";
import { plantTree } from "./plant-tree.mjs";

const SOURCE = "function main() {\n  // #region greet\n  const name = 1;\n\n  if (name) {\n    greet(name);\n  }\n  // #endregion\n}\n";
const SNIPPET = ["const name = 1;", "", "if (name) {", "  greet(name);", "}"];

/** @param {string[]} body */
const page = (body) => ["# Page", "", "<!-- snippet: src/main.ts#greet -->", "", "```ts", ...body, "```", ""].join("\n");

describe("links", () => {
  test("links to files, folders and headings that exist pass", () => {
    const links =
      "[a](docs/a.md) [h](docs/a.md#two-words--more) [again](docs/a.md#same-1) [own](#page) [folder](docs) [web](https://example.org/x#y)";
    const root = plantTree({
      "README.md": `# Page\n\n${links}\n\n[ref]: ./docs/a.md#named\n`,
      "docs/a.md": '# Two `words` & more\n## Same\n## Same\n<a id="named"></a>\n',
    });

    expect(checkDocs(root)).toEqual([]);
  });

  test("a link to no file, to no heading and out of the repository are reported", () => {
    const root = plantTree({
      "README.md": "# Page\n[a](gone.md)\n[b](#gone)\n![c](../out.png)\n[d]: docs/a.md#gone\n",
      "docs/a.md": "# A\n```sh\n# gone\n```\n",
    });

    expect(checkDocs(root)).toEqual([
      expect.stringMatching(/^README\.md:2: the link "gone\.md" leads to no file/),
      expect.stringMatching(/^README\.md:3: the link "#gone" leads to no heading of README\.md/),
      expect.stringMatching(/^README\.md:4: the link "\.\.\/out\.png" leaves the repository/),
      expect.stringMatching(/^README\.md:5: the link "docs\/a\.md#gone" leads to no heading of docs\/a\.md/),
    ]);
  });

  test("what stands in code is no link", () => {
    const root = plantTree({ "README.md": "`[a](gone.md)` and\n```md\n[b](gone.md)\n```\n" });

    expect(checkDocs(root)).toEqual([]);
  });
});

describe("snippets", () => {
  test("a snippet that equals its region passes, without the region's indentation", () => {
    expect(checkDocs(plantTree({ "README.md": page(SNIPPET), "src/main.ts": SOURCE }))).toEqual([]);
  });

  test("a snippet that differs is reported, and refreshed on demand", () => {
    const root = plantTree({ "README.md": page(["const name = 2;"]), "src/main.ts": SOURCE });
    expect(checkDocs(root)).toEqual([expect.stringMatching(/^README\.md:5: the snippet differs from src\/main\.ts#greet/)]);

    refreshDocs(root);

    expect(checkDocs(root)).toEqual([]);
    expect(readFileSync(join(root, "README.md"), "utf8")).toBe(page(SNIPPET));
  });

  test("a region that does not exist is reported", () => {
    const root = plantTree({ "README.md": page(SNIPPET), "src/main.ts": "export {};\n" });

    expect(checkDocs(root)).toEqual([expect.stringContaining("the snippet's source src/main.ts#greet does not exist")]);
  });

  test("a snippet comment without code behind it is reported", () => {
    const root = plantTree({
      "README.md": `<!-- snippet: src/main.ts#greet -->\n\nText.\n\n${page(SNIPPET)}\n<!-- snippet: src/main.ts#greet -->\n`,
      "src/main.ts": SOURCE,
    });

    expect(checkDocs(root)).toEqual([
      expect.stringMatching(/^README\.md:1: a snippet comment has no code behind it/),
      expect.stringMatching(/^README\.md:17: a snippet comment has no code behind it/),
    ]);
  });

  test("TypeScript from no file is reported, unless it says why", () => {
    const root = plantTree({
      "README.md": "```ts\nlet a;\n```\n\n<!-- not compiled: a sketch -->\n```ts\nlet b;\n```\n\n```sh\nls\n```\n",
    });

    expect(checkDocs(root)).toEqual([expect.stringMatching(/^README\.md:1: a TypeScript snippet comes from no file/)]);
  });
});
