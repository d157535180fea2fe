import assert from "node:assert/strict";
import { PeriError } from "../../model/errors.ts";
import { patchScript } from "./patches.ts";

Deno.test("a script in which a text is missing is refused: jco has changed", () => {
  assert.throws(
    () => patchScript("export function instantiate() {}"),
    (thrown) =>
      thrown instanceof PeriError && thrown.kind === "internal" &&
      /jco's output has changed/.test(thrown.message),
  );
});
