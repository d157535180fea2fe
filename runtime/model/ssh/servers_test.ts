import { deepEqual, equal, throws } from "node:assert/strict";
import { ed25519Key, formatSshKey } from "./key.ts";
import {
  findServer,
  formatKnownHosts,
  formatServers,
  formatSshAddress,
  hostKeyOf,
  parseServerName,
  parseServers,
  parseSshAddress,
  type Servers,
} from "./servers.ts";

const KEY = formatSshKey(ed25519Key(new Uint8Array(32)), "");
const SERVERS: Servers = {
  known: [
    { name: "cloud", host: "peri.example", port: 2222, hostKey: KEY },
    { name: "six", host: "fd00::1", port: 22, hostKey: KEY },
  ],
  use: "cloud",
  identity: KEY,
};

Deno.test("addresses are read with and without a port, and nothing that ssh would take for a flag", () => {
  const cases: [string, string, number][] = [
    ["peri.example", "peri.example", 2222],
    ["peri.example:22", "peri.example", 22],
    ["127.0.0.1:2291", "127.0.0.1", 2291],
    ["[fd00::1]:22", "fd00::1", 22],
    ["[::1]", "::1", 2222],
  ];
  for (const [text, host, port] of cases) deepEqual(parseSshAddress(text), { host, port }, text);
  for (
    const text of [
      "",
      "-oProxyCommand=id",
      "host:0",
      "host:65536",
      "a b",
      "user@host",
      "fd00::1",
      "[host]:22",
      "$(id)",
      "h\n",
    ]
  ) throws(() => parseSshAddress(text), { kind: "invalid" }, text);
  deepEqual(
    [...SERVERS.known, { host: "h", port: 22 }].map(formatSshAddress),
    ["peri.example:2222", "fd00::1:22", "h:22"],
  );
});

Deno.test("a list of servers is read as it was written, and a spoilt one is refused", () => {
  deepEqual(parseServers(formatServers(SERVERS)), SERVERS);
  deepEqual(parseServers(formatServers({ known: [] })), { known: [] });
  const spoilt = [
    "",
    "{}",
    '{"v":2,"known":[]}',
    formatServers(SERVERS).replace("cloud", "-oX"),
    formatServers(SERVERS).replace("peri.example", "-oProxyCommand=id"),
    formatServers(SERVERS).replaceAll(KEY, "ssh-ed25519 AAAA"),
  ];
  for (const text of spoilt) throws(() => parseServers(text), { kind: "damaged" }, text);
});

Deno.test("a server is found by its name and by its address", () => {
  for (
    const [text, name] of [["cloud", "cloud"], ["peri.example", "cloud"], ["[fd00::1]:22", "six"]]
  ) {
    equal(findServer(SERVERS, text!)?.name, name);
  }
  for (const text of ["peri.example:22", "other", "-x"]) {
    equal(findServer(SERVERS, text), undefined);
  }
});

Deno.test("names are words, and local is this computer", () => {
  equal(parseServerName("my.cloud-1_x"), "my.cloud-1_x");
  for (const name of ["", "local", "-x", "a/b", "a b", "..", "x".repeat(65)]) {
    throws(() => parseServerName(name), { kind: "invalid" }, name);
  }
});

Deno.test("each server is pinned by its own name", () => {
  equal(formatKnownHosts(SERVERS), `cloud ${KEY}\nsix ${KEY}\n`);
  equal(hostKeyOf(`# comment\nscan ${KEY}\n`), KEY);
  throws(() => hostKeyOf(""), { kind: "damaged" });
});
