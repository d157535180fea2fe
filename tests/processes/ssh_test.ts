// needs: ssh
/**
 * A server elsewhere, from its claim on, with the real `peri` on both computers.
 *
 * @module
 */

import assert from "node:assert/strict";
import { Person } from "../../tools/demo/person.ts";
import { freePlace, freePort, openStage } from "./town.ts";

interface Status {
  readonly owner?: string;
  readonly ssh: {
    readonly fingerprint: string;
    readonly knownHosts: string;
    readonly claimCode?: string;
  };
}

Deno.test("a server elsewhere is claimed, used and found again from the person's own computer", async () => {
  using stage = openStage();
  const [cloud, alice] = [new Person("cloud", stage), new Person("alice", stage)];
  const [place, port] = [freePlace(), freePort()];
  const start = () => cloud.serve(place.port, place.url, `export PERI_SSH=127.0.0.1:${port}`);
  const look = async () => (await cloud.records<Status>("status"))[0]!;
  try {
    await start();
    await alice.types("key", "init", "--name", "alice");
    const { ssh: { claimCode, fingerprint, knownHosts } } = await look();
    assert.match(knownHosts, new RegExp(`^\\[127\\.0\\.0\\.1\\]:${port} ssh-ed25519 AAAA`));
    const path = `${cloud.home}/ssh_host_ed25519_key`;
    assert.equal((await Deno.stat(path)).mode! & 0o777, 0o600);

    const claim = ["server", "claim", `127.0.0.1:${port}`, "--name", "far", "--yes"];
    const guess = await alice.run([...claim, "--fingerprint", fingerprint, "--code", "claim-x"]);
    assert.equal(guess.code, 5);
    await alice.types(...claim, "--code", claimCode!);
    const [{ fingerprint: person }] = await alice.records<{ fingerprint: string }>(
      "key",
      "list",
    ) as [{ fingerprint: string }];
    const claimed = await look();
    assert.equal(claimed.owner, person);
    assert.equal(claimed.ssh.claimCode, undefined);

    await alice.types("--on", "far", "pod", "install", "hey", "--yes");
    const [pod] = await alice.records<{ name: string }>("pod", "list", "--on", "far");
    assert.equal(pod!.name, "hey");
    assert.equal((await alice.run(["ssh", "hey@far", "list"])).code, 0);
    // On a terminal that is called nothing hey says at once what is new, and ends.
    const seen = alice.start(["ssh", "-t", "-t", "hey@far"], "export TERM=xterm");
    const [keys, screens] = [seen.stdin.getWriter(), seen.stdout.getReader()];
    const complaint = new Response(seen.stderr).text();
    let shown = "";
    for (let piece; !shown.includes("nobody yet") && !(piece = await screens.read()).done;) {
      shown += new TextDecoder().decode(piece.value);
    }
    // A slow first screen is painted over the word that its pod is busy, and only what differs.
    assert.ok(shown.includes("› people"), JSON.stringify(shown));
    await keys.write(new TextEncoder().encode("q"));
    for (let piece; !(piece = await screens.read()).done;) {
      shown += new TextDecoder().decode(piece.value);
    }
    await keys.close().catch(() => {});
    assert.equal((await seen.status).code, 0, await complaint);
    assert.ok(shown.endsWith("\x1b[?1049l"), JSON.stringify(shown.slice(-80)));

    // No key has come to the server: it cannot sign for her.
    const there = [...Deno.readDirSync(cloud.home)].map(({ name }) => name);
    assert.equal(there.includes("keys"), false, there.join(" "));

    await cloud.stop("SIGKILL");
    const gone = await alice.run(["--on", "far", "status"]);
    assert.equal(gone.code, 11, gone.stderr);
    await start();
    assert.equal((await look()).ssh.fingerprint, fingerprint);
    const again = await alice.run(["--on", "far", "hey", "name", "carol", "C".repeat(40)]);
    assert.equal(again.code, 0, again.stderr);

    // Another key takes the place of hers there; her keys stay at home.
    await alice.types("key", "init", "--name", "alice");
    const next = (await alice.records<{ fingerprint: string }>("key", "list"))
      .map((key) => key.fingerprint).find((key) => key !== person)!;
    await alice.types("--on", "far", "key", "succeed", "--to", next, "--yes");
    assert.match(await alice.types("--on", "far", "hey", "names"), /carol/);
    assert.equal((await look()).owner, next);
  } finally {
    await cloud.stop("SIGKILL");
  }
});
