/**
 * What somebody writes in the documentation of an interface to do something to those who read it.
 * Each test tells the hole first.
 *
 * @module
 */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { docLines, docText } from "../../pods/build/client/docs.ts";
import { readDocs } from "../../wit/docs.ts";
import { resolvePackage } from "../../wit/package.ts";
import { packageOf } from "../../wit/source.ts";

const FORGED = [
  "Says hello. */ globalThis.pwned = 1; /*",
  "Says hello. *\u200e/ globalThis.pwned = 1; /*",
  "Says hello. *\u061c\u200f/ globalThis.pwned = 1; /*",
  "Says hello. *\u0000/ globalThis.pwned = 1; /*",
  "Says hello. **\u2066//",
];

Deno.test("documentation cannot get out of the comment of a generated client", () => {
  // Mallory's component carries WIT whose documentation ends the comment that it becomes, with a mark
  // between the two characters that is taken out only when they have been looked for.
  for (const text of FORGED) {
    for (const comment of [docText(text).trim(), docLines(text).join("\n")]) {
      strictEqual(comment.indexOf("*/"), comment.length - 2, JSON.stringify(comment));
    }
  }
});

Deno.test("such documentation is WIT that is read", async () => {
  const wit = `package a:b;\ninterface c {\n  /// ${FORGED[1]}\n  d: func();\n}\n`;
  const [one] = await resolvePackage(wit, []);
  deepStrictEqual([...one!.functions.keys()], ["d"]);
  match(one!.docs.get("d")!, /\*\u200e\//);
});

Deno.test("a text that is no WIT is found to be none in the time that its length takes", () => {
  // Mallory sends a file of comments that have no end, or of many before nothing: who only looks at
  // it waits for hours.
  const startMs = performance.now();
  for (const piece of ["/*", "@a(", "-", "/**/", "//\n", "@a()"]) {
    const text = piece.repeat(400_000 / piece.length);
    strictEqual(readDocs(text).size, 0);
    strictEqual(packageOf(text), undefined);
  }
  const tookMs = performance.now() - startMs;
  // A second, and half a minute on a machine that does much else.
  ok(tookMs < 30_000, `it took ${tookMs} ms`);
});
