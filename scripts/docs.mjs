// Holds the pages to the files they point to: node scripts/docs.mjs [--write] [folder]; --write refreshes the snippets first.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { checkLinks } from "./docs/check-links.mjs";
import { checkSnippets, refreshSnippets } from "./docs/check-snippets.mjs";
import { readPage } from "./docs/read-page.mjs";
import { filesUnder } from "./source/source-files.mjs";
import { runAsScript } from "./source/violations.mjs";

/**
 * Links that lead nowhere and snippets that are not what their files say.
 *
 * @param {string} root
 * @returns {string[]}
 */
export function checkDocs(root) {
  const pages = readPages(root);
  return [...checkLinks(root, pages), ...pages.flatMap((page) => checkSnippets(root, page))];
}

/**
 * Writes what the files say into the snippets of all pages.
 *
 * @param {string} root
 */
export function refreshDocs(root) {
  for (const page of readPages(root)) {
    const text = refreshSnippets(root, page);
    if (text !== page.lines.join("\n")) writeFileSync(join(root, page.path), text);
  }
}

/** @param {string} root */
const readPages = (root) => filesUnder(root, "", /\.md$/).map((path) => readPage(path, readFileSync(join(root, path), "utf8")));

runAsScript(import.meta.url, (root) => {
  if (process.argv.includes("--write")) refreshDocs(root);
  return checkDocs(root);
});
