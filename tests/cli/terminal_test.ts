// needs: script gpg gpgconf

import assert from "node:assert/strict";
import { join } from "node:path";
import { quoteShell } from "../../tools/install/launcher.ts";
import { inPlace, type Place } from "./process.ts";

const SECRET = "correct horse battery";

/** Types at a `peri` on a real (pseudo) terminal: each answer when its question has been asked. */
async function converse(
  place: Place,
  command: string,
  answers: readonly (readonly [question: string, typed: string])[],
): Promise<{ code: number; shown: string }> {
  const log = join(place.folder, "typescript");
  const child = place.start("script", ["--quiet", "--return", "--command", command, log]);
  const writer = child.stdin.getWriter();
  const decoder = new TextDecoder();
  let shown = "";
  let unseen = "";
  const left = [...answers];
  for await (const piece of child.stdout) {
    const text = decoder.decode(piece, { stream: true });
    shown += text;
    unseen += text;
    if (left[0] !== undefined && unseen.includes(left[0][0])) {
      unseen = "";
      await writer.write(new TextEncoder().encode(left.shift()![1]));
    }
  }
  await writer.close().catch(() => {});
  await child.stderr.cancel();
  return { code: (await child.status).code, shown };
}

Deno.test("a passphrase typed on a real terminal is not shown, and is the key's", async () => {
  await inPlace({}, async (place) => {
    const made = await converse(place, "peri key init --name Alice", [
      ["Passphrase: ", `${SECRET}\r`],
      ["Once more: ", `${SECRET}\r`],
    ]);
    assert.equal(made.code, 0, made.shown);
    assert.doesNotMatch(made.shown, /horse/);
    assert.match(made.shown, /made .*Alice/);
    const { code, stdout } = await place.run("peri", ["key", "export", "--secret"]);
    assert.equal(code, 0);
    await Deno.writeTextFile(join(place.folder, "key.asc"), stdout);
    await Deno.writeTextFile(join(place.folder, "right"), SECRET);
    const home = join(place.folder, "gnupg");
    await Deno.mkdir(home, { mode: 0o700 });
    const gpg = await place.run("gpg", [
      ...["--homedir", home, "--batch", "--pinentry-mode", "loopback"],
      ...["--passphrase-file", join(place.folder, "right"), "--import", "key.asc"],
    ]);
    assert.match(gpg.stderr, /secret keys imported: 1/);
    await place.run("gpgconf", ["--homedir", home, "--kill", "all"]);
  });
});

Deno.test("Ctrl-C at a hidden prompt ends with 130 and the terminal echoes again", async () => {
  await inPlace({}, async (place) => {
    const { code, shown } = await converse(
      place,
      `sh -c ${quoteShell("peri key init --name Alice; code=$?; stty -a; exit $code")}`,
      [["Passphrase: ", "half\x03"]],
    );
    assert.equal(code, 130);
    assert.doesNotMatch(shown, /half/);
    assert.match(shown, /[ ;]echo[ ;]/);
    assert.match(shown, /[ ;]icanon[ ;]/);
  });
});

Deno.test("people on a terminal get colour, unless NO_COLOR; pipes never do", async () => {
  await inPlace({
    "pod.list": (_args, session) => {
      session.item({ name: "hey" });
      return Promise.resolve(0);
    },
  }, async (place) => {
    const coloured = await converse(place, "env -u NO_COLOR peri pod list", []);
    assert.equal(coloured.shown, "\x1b[2mPOD\x1b[0m\r\nhey\r\n");
    assert.equal((await converse(place, "peri pod list", [])).shown, "POD\r\nhey\r\n");
    assert.equal((await place.run("peri", ["pod", "list"])).stdout, "POD\nhey\n");
  });
});
