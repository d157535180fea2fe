/**
 * What somebody writes in the documentation of an interface to do something to those who read it.
 * Each test tells the hole first.
 *
 * @module
 */

import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { docLines, docText } from "../../pods/build/client/docs.ts";
import { resolvePackage } from "../../wit/package.ts";

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
