import assert from "node:assert/strict";
import { openPeriphery as real } from "../periphery.ts";
import { type Open, openPeriphery } from "./open.ts";

Deno.test("what the kit opens is a periphery, by the types that it says", () => {
  const typed: Open = real;
  assert.equal(openPeriphery, typed);
});

Deno.test("whoever checks the types of a test does not check those of a periphery", async () => {
  const kit = new URL("./mod.ts", import.meta.url).pathname;
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json", kit] })
    .output();
  const { modules } = JSON.parse(new TextDecoder().decode(stdout)) as {
    modules: { specifier: string }[];
  };
  const read = modules.map(({ specifier }) => specifier);
  assert.ok(read.some((path) => path.endsWith("/runtime/testing/house.ts")));
  assert.deepEqual(
    read.filter((path) => /\/runtime\/(operations|boxes|directory)\//.test(path)),
    [],
  );
});
