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

Deno.test("an import that is joined in another way is refused: jco has changed", () => {
  const [known, other] = ["{ importFn: a, },", "types"].map((types) =>
    `_lowerImportBackwardsCompat.bind(null, ${types})`
  );
  assert.throws(() => patchScript(known!), /0 times/, "this one is as it was");
  assert.throws(() => patchScript(`${known} ${other}`), /1 of 2 imports/);
});
