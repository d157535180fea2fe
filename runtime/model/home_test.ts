import assert from "node:assert/strict";
import { PeriError } from "./errors.ts";
import { controlSocket, homeFolder } from "./home.ts";

const home = (env: Record<string, string>) => homeFolder((name) => env[name]);

Deno.test("PERI_HOME stands over XDG_DATA_HOME over HOME", () => {
  const env = { HOME: "/home/a", XDG_DATA_HOME: "/data", PERI_HOME: "/own/" };
  assert.equal(home(env), "/own");
  assert.equal(home({ ...env, PERI_HOME: "" }), "/data/peri");
  assert.equal(home({ HOME: "/home/a", XDG_DATA_HOME: "relative" }), "/home/a/.local/share/peri");
});

Deno.test("a home that is not absolute is refused", () => {
  for (const env of [{}, { HOME: "x" }, { HOME: "/home/a", PERI_HOME: "here" }]) {
    assert.throws(() => home(env), (error) => error instanceof PeriError);
  }
});

Deno.test("a home too deep for a socket is refused with a way out", () => {
  assert.equal(controlSocket("/own"), "/own/control.sock");
  assert.throws(
    () => controlSocket(`/${"d".repeat(100)}`),
    (error) => error instanceof PeriError && /shorter/.test(error.hint ?? ""),
  );
});
