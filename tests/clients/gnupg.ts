/**
 * GnuPG in a home of its own, for tests of what it and peri make of each other's keys.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { systemGpg } from "../../runtime/adapters/gpg.ts";
import { MemoryKeyring } from "../../runtime/adapters/memory/keyring.ts";
import { openKeysmith, openPgp } from "../../runtime/adapters/openpgp.ts";
import type { KeyTools } from "../../runtime/identity/person.ts";
import { type Bytes, decodeUtf8, encodeUtf8 } from "../../runtime/model/bytes.ts";
import { type ErrorKind, PeriError } from "../../runtime/model/errors.ts";
import { type Fingerprint, parseFingerprint } from "../../runtime/model/words.ts";
import type { Passphrase } from "../../runtime/ports/passphrase.ts";

/** What every passphrase here is. */
export const PASSPHRASE = "correct horse % battery";

const clock = { nowMs: () => Date.now(), sleep: () => Promise.resolve() };
/** OpenPGP by this computer's clock. */
export const pgp = openPgp(clock);

/** Checks that an error has a kind and says a text. */
export function fails(kind: ErrorKind, text = ""): (error: unknown) => true {
  return (error) => {
    assert.ok(error instanceof PeriError, String(error));
    assert.equal(error.kind, kind, error.message);
    assert.ok(error.message.includes(text), error.message);
    return true;
  };
}

/** A GNUPGHOME with an agent whose pinentry answers what stands in the file `pin`. */
export class GpgHome {
  constructor(readonly folder: string) {}

  async gpg(args: readonly string[], input = new Uint8Array()): Promise<Bytes> {
    const result = await this.try(args, input);
    assert.equal(result.code, 0, `gpg ${args.join(" ")}\n${result.stderr}`);
    return result.stdout;
  }

  async try(
    args: readonly string[],
    input = new Uint8Array(),
  ): Promise<{ code: number; stdout: Bytes; stderr: string }> {
    const child = new Deno.Command("gpg", {
      args: ["--batch", "--yes", "--display-charset", "utf-8", ...args],
      env: { GNUPGHOME: this.folder, LC_ALL: "C" },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const writer = child.stdin.getWriter();
    await writer.write(input).then(() => writer.close()).catch(() => undefined);
    const { code, stdout, stderr } = await child.output();
    return { code, stdout: stdout as Bytes, stderr: decodeUtf8(stderr) };
  }

  async write(name: string, content: Uint8Array | string): Promise<string> {
    const path = join(this.folder, name);
    const bytes = typeof content === "string" ? encodeUtf8(content) : content;
    await Deno.writeFile(path, bytes, { mode: 0o600 });
    return path;
  }

  async answer(pin: string): Promise<void> {
    await this.write("pin", pin.replaceAll("%", "%25"));
  }

  /** How often the pinentry was asked. */
  async asked(): Promise<number> {
    const log = await Deno.readTextFile(join(this.folder, "asked")).catch(() => "");
    return log.match(/^GETPIN/gm)?.length ?? 0;
  }

  /** The fingerprint of the only key with this text in its user id. */
  async fingerprint(text: string): Promise<Fingerprint> {
    const listing = decodeUtf8(await this.gpg(["--with-colons", "-k", text]));
    return parseFingerprint(/^fpr:+(\w+):/m.exec(listing)![1]!);
  }

  async makeKey(userId: string, primary: string, signing: string): Promise<Fingerprint> {
    const empty = ["--pinentry-mode", "loopback", "--passphrase", ""];
    await this.gpg([...empty, "--quick-gen-key", userId, primary, "cert", "1y"]);
    const fingerprint = await this.fingerprint(userId);
    await this.gpg([...empty, "--quick-add-key", fingerprint, signing, "sign", "1y"]);
    return fingerprint;
  }
}

const PINENTRY = `#!/bin/sh
here=$(dirname "$0")
echo "OK"
while read -r command rest; do
  echo "$command $rest" >> "$here/asked"
  case "$command" in
    GETPIN) echo "D $(cat "$here/pin")"; echo "OK" ;;
    BYE) echo "OK"; exit 0 ;;
    *) echo "OK" ;;
  esac
done
`;

/** A test with a GnuPG that is removed afterwards. */
export function withGpg(run: (home: GpgHome) => Promise<void>): () => Promise<void> {
  return async () => {
    const folder = await Deno.makeTempDir({ prefix: "pg-" });
    const home = new GpgHome(folder);
    try {
      await Deno.chmod(folder, 0o700);
      const pinentry = await home.write("pinentry", PINENTRY);
      await Deno.chmod(pinentry, 0o700);
      await home.write("gpg-agent.conf", `pinentry-program ${pinentry}\ns2k-count 65536\n`);
      await home.answer(PASSPHRASE);
      await run(home);
    } finally {
      await new Deno.Command("gpgconf", {
        args: ["--kill", "all"],
        env: { GNUPGHOME: folder },
      }).output();
      await Deno.remove(folder, { recursive: true });
    }
  };
}

/** An empty keyring beside that GnuPG; the passphrase is {@link PASSPHRASE}. */
export function toolsOf(home: GpgHome, passphrase?: Passphrase): KeyTools {
  const typed = { ask: () => Promise.resolve(PASSPHRASE), reject: () => Promise.resolve(false) };
  return {
    pgp,
    smith: openKeysmith(clock),
    clock,
    keyring: new MemoryKeyring(),
    passphrase: passphrase ?? typed,
    gpg: systemGpg({ home: home.folder }),
  };
}
