import assert from "node:assert/strict";
import { configOf, planConfig } from "../model/layers.ts";
import { parseConfigFile, readConfigFile } from "./config_file.ts";

Deno.test("a file gives its values with their lines", () => {
  const given = parseConfigFile(
    '# mine\nlisten = ":80"\n\n"log-level" = "warn"\n  pod-hosts = 3\nallow-private = [\n  "::1"\n]\n',
    "/c.toml",
  );
  assert.deepEqual(given.map(({ key, where }) => [key, where.kind === "file" && where.line]), [
    ["listen", 2],
    ["log-level", 4],
    ["pod-hosts", 5],
    ["allow-private", 6],
  ]);
  const config = configOf(planConfig([given]));
  assert.equal(config.podHosts, 3);
  assert.deepEqual(config.allowPrivate.map(({ bits }) => bits), [128]);
});

Deno.test("a table, a twice written key and a torn line are refused with their place", () => {
  const [problem] = planConfig([parseConfigFile("\n[server]\nport = 1\n", "/c.toml")]).problems;
  assert.match(problem!.subject, /^\/c\.toml:2 has "server", no such setting/);
  assert.throws(() => parseConfigFile('listen = ":1"\nlisten = ":2"\n', "/c.toml"), {
    kind: "invalid",
    subject: /^\/c\.toml:2:/,
  });
  assert.throws(() => parseConfigFile("listen = \n", "/c.toml"), {
    kind: "invalid",
    subject: /^\/c\.toml:1:10: /,
    hint: /key = "text"/,
  });
});

Deno.test("no file says nothing; a folder or an endless file is refused", async () => {
  const folder = await Deno.makeTempDir();
  try {
    assert.deepEqual(await readConfigFile(`${folder}/config.toml`), []);
    await assert.rejects(readConfigFile(folder), { kind: "denied", subject: /Is a directory/ });
    await Deno.writeTextFile(`${folder}/config.toml`, "#".repeat(64 * 1024 + 1));
    await assert.rejects(readConfigFile(`${folder}/config.toml`), { kind: "too-large" });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
