// needs: ssh-keygen
import { deepEqual, equal, throws } from "node:assert/strict";
import { parseHex } from "../bytes.ts";
import {
  ecdsaKey,
  ed25519Key,
  formatSshKey,
  knownHostName,
  parseSshFingerprint,
  parseSshKey,
  rsaKey,
  sshFingerprint,
  sshKeyType,
} from "./key.ts";
import { formatSecretKey, parseSecretKey } from "./secret.ts";

const POINT = parseHex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
const SEED = parseHex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");

async function keygen(...args: string[]): Promise<string> {
  const { stdout, stderr, success } = await new Deno.Command("ssh-keygen", { args }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout).trim();
}

Deno.test("a secret key is read by ssh-keygen, with the same public key and fingerprint", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const text = formatSecretKey({ seed: SEED, point: POINT }, "a host", new Uint8Array(4));
    await Deno.writeTextFile(`${folder}/key`, text, { mode: 0o600 });
    equal(await keygen("-y", "-f", `${folder}/key`), formatSshKey(ed25519Key(POINT), "a host"));
    const shown = await keygen("-l", "-f", `${folder}/key`);
    equal(shown, `256 ${sshFingerprint(ed25519Key(POINT))} a host (ED25519)`);
    deepEqual(parseSecretKey(text), { seed: SEED, point: POINT });
    await keygen("-q", "-p", "-P", "", "-N", "secret", "-f", `${folder}/key`);
    const locked = await Deno.readTextFile(`${folder}/key`);
    throws(() => parseSecretKey(locked), { kind: "damaged", subject: "a passphrase locks it" });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("what is no secret key of ours is refused, wherever it is cut off", () => {
  const text = formatSecretKey({ seed: SEED, point: POINT }, "", new Uint8Array(4));
  const [, ...lines] = text.trimEnd().split("\n");
  const body = lines.slice(0, -1).join("");
  for (let length = 0; length < body.length; length += 4) {
    const cut = text.replace(/(-----\n)[^-]+/, `$1${body.slice(0, length)}\n`);
    throws(() => parseSecretKey(cut), { kind: "damaged" }, `${length} characters`);
  }
  throws(() => parseSecretKey(""), { kind: "damaged" });
  throws(() => parseSecretKey("x".repeat(100_000)), { kind: "damaged" });
});

Deno.test("keys of all kinds become lines that are read again", () => {
  const keys = [
    ed25519Key(POINT),
    rsaKey(parseHex("010001"), parseHex(`00${"c1".repeat(256)}`)),
    ecdsaKey("nistp256", parseHex(`04${"ab".repeat(64)}`)),
  ];
  deepEqual(keys.map(sshKeyType), ["ssh-ed25519", "ssh-rsa", "ecdsa-sha2-nistp256"]);
  for (const key of keys) deepEqual(parseSshKey(`${formatSshKey(key, "me")}\n`), key);
  for (const line of ["", "ssh-ed25519", "ssh-rsa AAAA", "ssh-dss AAAAC3NzaC1lZDI1NTE5AAAA"]) {
    throws(() => parseSshKey(line), { kind: "damaged" }, line);
  }
});

Deno.test("fingerprints and names of hosts read as OpenSSH writes them", () => {
  equal(parseSshFingerprint(sshFingerprint(POINT)), sshFingerprint(POINT));
  throws(() => parseSshFingerprint("MD5:11"), { kind: "invalid" });
  equal(knownHostName("peri.example", 22), "peri.example");
  equal(knownHostName("::1", 2222), "[::1]:2222");
});
