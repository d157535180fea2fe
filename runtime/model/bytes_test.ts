import assert from "node:assert/strict";
import { utf8Length } from "./bytes.ts";
Deno.test("the length of a text in UTF-8 is that of its bytes", () => {
  for (
    const text of [
      "",
      "a",
      "é",
      "€",
      "𝄞",
      "a€𝄞é",
      "\ud800",
      "\udc00",
      "\ud800a",
      "\ud834\ud834\udd1e",
    ]
  ) {
    assert.equal(utf8Length(text), new TextEncoder().encode(text).length, JSON.stringify(text));
  }
});
