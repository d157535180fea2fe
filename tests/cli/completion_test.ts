// needs: zsh fish

import assert from "node:assert/strict";
import type { Operation } from "../../runtime/ports/session.ts";
import { type } from "./memory.ts";
import { inPlace } from "./process.ts";

const list: Operation = (_args, session) => {
  for (const name of ["hey", "photos"]) session.item({ name });
  return Promise.resolve(0);
};
const complete: Operation = (args, session) => {
  const { pod, argv } = args as { pod: string; argv: string[] };
  if (pod !== "hey") return Promise.resolve(0);
  const words = argv.length === 1 ? ["leave-message", "list", "read"] : ["bob", "bo b", "a\x1bb"];
  for (const word of words) session.item({ word });
  return Promise.resolve(0);
};
const operations = { "pod.list": list, "pod.complete": complete };
const programs = { disco: () => 0 };

async function proposals(...words: string[]): Promise<string[]> {
  const { code, stdout, stderr } = await type(["__complete", ...words], { operations, programs });
  assert.deepEqual([code, stderr], [0, ""]);
  return stdout.split("\n").slice(0, -1);
}

Deno.test("built-in words, pods and programs complete, and what follows them", async () => {
  assert.deepEqual(await proposals("p"), ["pod", "person", "profile", "photos"]);
  assert.deepEqual(await proposals("d"), ["doctor", "disco"]);
  assert.ok((await proposals("")).includes("hey"));
  assert.deepEqual(await proposals("pod", "in"), ["install", "info"]);
  assert.deepEqual(await proposals("pod", "info", ""), ["hey", "photos"]);
  assert.deepEqual(await proposals("pod", "install", "--u"), ["--upgrade"]);
  assert.deepEqual(await proposals("completions", "f"), ["fish"]);
  assert.deepEqual(await proposals("hey", "l"), ["leave-message", "list"]);
  assert.deepEqual(await proposals("pod", "exec", "hey", "r"), ["read"]);
});

Deno.test("what a shell could take for more than a word is not proposed", async () => {
  assert.deepEqual(await proposals("hey", "read", ""), ["bob"]);
});

Deno.test("without a server, or with one that fails, completion is quiet", async () => {
  const failing: Operation = () => Promise.reject(new TypeError("no"));
  for (const world of [{}, { operations: { "pod.list": failing, "pod.complete": failing } }]) {
    const { code, stdout, stderr } = await type(["__complete", "hey", "l"], world);
    assert.deepEqual([code, stdout, stderr], [0, "", ""]);
    assert.equal((await type(["__complete", "ver"], world)).stdout, "version\n");
  }
});

Deno.test("bash completes with the script", async () => {
  await inPlace(operations, async ({ run }) => {
    const typed = async (...words: string[]) => {
      const script = `source <(peri completions bash)
        COMP_WORDS=(peri "$@"); COMP_CWORD=$#
        _peri
        printf '%s\\n' "\${COMPREPLY[@]}"
        complete -p peri >&2`;
      const { stdout, stderr } = await run("bash", ["-c", script, "bash", ...words]);
      assert.match(stderr, /^complete -o bashdefault -o default -F _peri peri\n$/);
      return stdout.trim().split("\n");
    };
    assert.deepEqual(await typed("hey", "l"), ["leave-message", "list"]);
    assert.deepEqual(await typed("pod", ""), [
      "install",
      "list",
      "info",
      "limit",
      "stop",
      "start",
      "rollback",
      "confirm",
      "renew",
      "remove",
      "logs",
      "replay",
      "exec",
      "new",
      "dev",
      "test",
      "build",
    ]);
  });
});

Deno.test("zsh completes with the script", async () => {
  await inPlace(operations, async ({ run }) => {
    // The line editor is not there without a terminal: what it would be given is printed.
    const script = `compdef() { echo "compdef $*" }
      compadd() { print -l -- \${(P)2} }
      _files() { echo files }
      source <(peri completions zsh)
      words=(peri hey l); CURRENT=3; _peri
      words=(peri nothing x); CURRENT=3; _peri`;
    const { stdout, stderr } = await run("zsh", ["-fc", script]);
    assert.equal(stderr, "");
    assert.equal(stdout, "compdef _peri peri\nleave-message\nlist\nfiles\n");
  });
});

Deno.test("fish completes with the script", async () => {
  await inPlace(operations, async ({ run, folder }) => {
    const script = `set -x HOME ${folder}; peri completions fish | source
      complete -C 'peri hey l'; echo ==; complete -C 'peri pod inf'`;
    const { stdout } = await run("fish", ["--no-config", "-c", script]);
    assert.equal(stdout, "leave-message\nlist\n==\ninfo\n");
  });
});

Deno.test("an unknown shell is refused with those there are", async () => {
  const { code, stderr } = await type(["completions", "tcsh"]);
  assert.equal(code, 2);
  assert.match(stderr, /hint: peri completions bash\|zsh\|fish/);
});
