import { existsSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { violation } from "../source/violations.mjs";
import { anchorsOf } from "./anchors.mjs";

/** @typedef {import("./read-page.mjs").Page} Page */

const INLINE = /\]\(\s*<?([^\s<>()]+(?:\([^\s()]*\)[^\s()]*)*)>?(?:\s+["'][^)]*)?\s*\)/g;
const REFERENCE = /^ {0,3}\[[^\]]+\]:\s+<?([^\s>]+)>?/g;
const ATTRIBUTE = /\b(?:href|src)="([^"]+)"/g;
const EXTERNAL = /^(?:[a-z][a-z0-9+.-]*:|\/\/)/i;

/**
 * The links of the pages that lead nowhere.
 *
 * @param {string} root
 * @param {readonly Page[]} pages
 * @returns {string[]}
 */
export function checkLinks(root, pages) {
  const anchors = new Map(pages.map((page) => [page.path, anchorsOf(page)]));
  return pages.flatMap((page) =>
    linksOf(page).flatMap(({ link, line }) => {
      const wrong = problemOf(root, page, link, anchors);
      const remedy = "mend the link, or what it points to";
      return wrong === undefined
        ? []
        : [violation({ file: page.path, line, wrong, expected: "links lead to a file or heading that exists", remedy })];
    }),
  );
}

/** @param {Page} page */
function linksOf({ prose }) {
  return prose.flatMap((text, index) => {
    const line = text.replace(/(`+)[^`]*\1/g, "");
    const links = [INLINE, REFERENCE, ATTRIBUTE].flatMap((pattern) => [...line.matchAll(pattern)].map(([, link = ""]) => link));
    return links.filter((link) => !EXTERNAL.test(link)).map((link) => ({ link, line: index + 1 }));
  });
}

/**
 * @param {string} root
 * @param {Page} page
 * @param {string} link
 * @param {ReadonlyMap<string, Set<string>>} anchors
 * @returns {string | undefined}
 */
function problemOf(root, page, link, anchors) {
  const [path = "", anchor] = link.split("#").map((part) => decodeURIComponent(part));
  const from = path.startsWith("/") ? "" : dirname(page.path);
  const target = path === "" ? page.path : posix.join(from, path).replace(/^\/|\/$/g, "");
  if (target.startsWith("..")) return `the link "${link}" leaves the repository`;
  if (!existsSync(join(root, target))) return `the link "${link}" leads to no file (${target})`;
  if (anchor === undefined || !target.endsWith(".md")) return undefined;
  return anchors.get(target)?.has(anchor) ? undefined : `the link "${link}" leads to no heading of ${target}`;
}
