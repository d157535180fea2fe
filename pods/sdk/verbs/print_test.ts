import { deepStrictEqual } from "node:assert/strict";
import type { Run } from "../run.ts";
import { printStream } from "./print.ts";

Deno.test("values that come together fit each other, and none waits for those that come later", async () => {
  const printed: string[] = [];
  const run = { print: (line: string) => void printed.push(line), onWait: undefined } as
    & { onWait: (() => void) | undefined }
    & Pick<Run, "print">;
  async function* values() {
    yield { name: "a" };
    yield { name: "longer" };
    deepStrictEqual(printed, []);
    run.onWait!();
    deepStrictEqual(printed, ["NAME    AGE", "a       -", "longer  -"]);
    yield await Promise.resolve({ name: "b", age: "7" });
  }
  const withAge = async function* () {
    for await (const value of values()) yield { age: null, ...value };
  };
  const type = { record: [["name", "string"], ["age", { option: "string" }]] } as const;
  await printStream(run as unknown as Run, type, withAge());
  deepStrictEqual(printed.slice(3), ["b       7"]);
  deepStrictEqual(run.onWait, undefined);
});
