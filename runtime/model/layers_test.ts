import assert from "node:assert/strict";
import { type Config, serverUrl, SETTINGS } from "./config.ts";
import {
  configOf,
  explainConfig,
  type Given,
  givenByEnvironment,
  givenByFlags,
  planConfig,
  variableOf,
} from "./layers.ts";

const file = (key: string, value: unknown, line = 1): Given => ({
  key,
  value,
  where: { kind: "file", path: "/home/a/config.toml", line },
});

const environment = (variables: Record<string, string>) =>
  givenByEnvironment((name) => variables[name]);

function problemOf(...layers: Given[][]): string {
  const { problems } = planConfig(layers);
  assert.equal(problems.length, 1);
  return `${problems[0]!.subject}; ${problems[0]!.hint}`;
}

Deno.test("without anything written the defaults count", () => {
  const config = configOf(planConfig([]));
  const expected: Config = {
    listen: { host: "127.0.0.1", port: 7777 },
    url: undefined,
    ssh: undefined,
    allowPrivate: [],
    logLevel: "info",
    podHosts: 2,
    podMemoryBytes: 64 * 1024 * 1024,
    podSliceMs: 200,
    podStateBytes: 64 * 1024 * 1024,
    podsResting: 64,
  };
  assert.deepEqual(config, expected);
});

Deno.test("flags stand over the environment, that over the file", () => {
  const plan = planConfig([
    givenByFlags({ logLevel: "error", url: undefined, somethingElse: "x" }),
    environment({ PERI_LOG_LEVEL: "warn", PERI_POD_HOSTS: "3", PERI_URL: "" }),
    [file("log-level", "info"), file("pod-hosts", 4), file("url", "https://a.example")],
  ]);
  const config = configOf(plan);
  assert.equal(config.logLevel, "error");
  assert.equal(config.podHosts, 3);
  assert.equal(config.url, "https://a.example");
  const row = plan.rows.find(({ key }) => key === "log-level")!;
  assert.deepEqual(row.where, { kind: "flag" });
  assert.deepEqual(row.over.map(({ where }) => where.kind), ["environment", "file"]);
});

Deno.test("every example and every default is allowed, as text and as TOML", () => {
  for (const { key, example, fallback } of SETTINGS) {
    configOf(planConfig([environment({ [variableOf(key)]: example })]));
    if (fallback !== undefined) configOf(planConfig([[file(key, fallback)]]));
  }
});

Deno.test("addresses are read as address.ts reads them", () => {
  const plan = planConfig([
    givenByFlags({ listen: "[::1]:0", allowPrivate: "10.0.0.0/8, fd00::/8" }),
  ]);
  const { listen, allowPrivate } = configOf(plan);
  assert.deepEqual(listen, { host: "::1", port: 0 });
  assert.deepEqual(allowPrivate.map(({ bits }) => bits), [8, 8]);
  for (const [key, text] of [["listen", "a:b"], ["allow-private", "10.0.0.0/33"]] as const) {
    assert.equal(planConfig([[file(key, text)]]).problems.length, 1, text);
  }
});

Deno.test("a wrong value is shown with its place and what to write there instead", () => {
  assert.equal(
    problemOf(givenByFlags({ logLevel: "loud" })),
    "log-level loud (--log-level) is not info, warn or error; write for example --log-level info",
  );
  assert.equal(
    problemOf(environment({ PERI_POD_HOSTS: "many" })),
    "pod-hosts many (PERI_POD_HOSTS) is not a whole number from 1 to 64; " +
      "write for example PERI_POD_HOSTS=2",
  );
  assert.equal(
    problemOf([file("allow-private", ["10.0.0.0/8", "lan"], 3)]),
    "allow-private lan (/home/a/config.toml:3) is not an address range such as 10.0.0.0/8 or " +
      'fd00::/8; write for example allow-private = ["10.0.0.0/8"]',
  );
  assert.match(problemOf([file("listen", 7777)]), /^listen 7777 .* is not address:port/);
  assert.match(problemOf([file("pod-hosts", 1.5)]), /is not a whole number/);
  assert.match(problemOf([file("url", "ftp://a")]), /is not https/);
});

Deno.test("an unknown key is refused with the nearest one", () => {
  assert.match(problemOf([file("lisen", "x", 2)]), /config\.toml:2 has "lisen".*write listen$/);
  assert.match(problemOf([file("colour", "x")]), /peri serve --help names all settings$/);
  assert.match(problemOf([file("__proto__", "x")]), /no such setting/);
});

Deno.test("a plan with problems gives no configuration, and names all of them", () => {
  const plan = planConfig([[file("listen", "x"), file("nope", 1)]]);
  assert.throws(() => configOf(plan), { kind: "invalid", exitCode: 2 });
  const text = explainConfig(plan);
  assert.match(text, /no such setting/);
  assert.match(text, /is not address:port/);
});

Deno.test("an explanation shows each value, its place and what it stands over", () => {
  const text = explainConfig(planConfig([
    environment({ PERI_LISTEN: ":80" }),
    [file("listen", ":81", 4)],
  ]));
  assert.match(text, /^listen +:80 +PERI_LISTEN, over \/home\/a\/config\.toml:4$/m);
  assert.match(text, /^url +\(where it listens\) +default$/m);
  assert.match(text, /^allow-private +\[\] +default$/m);
});

Deno.test("the server's URL follows from where it listens, unless it is written", () => {
  const urlOf = (listen: string, port?: number) =>
    serverUrl(configOf(planConfig([givenByFlags({ listen })])), port);
  assert.equal(urlOf("127.0.0.1:7777"), "http://127.0.0.1:7777");
  assert.equal(urlOf("127.0.0.1:0", 4000), "http://127.0.0.1:4000");
  assert.equal(urlOf(":7777"), "http://localhost:7777");
  assert.equal(urlOf("[::1]:7777"), "http://[::1]:7777");
  const written = configOf(planConfig([givenByFlags({ url: "https://a.example/" })]));
  assert.equal(serverUrl(written), "https://a.example");
});
