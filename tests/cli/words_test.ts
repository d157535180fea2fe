import assert from "node:assert/strict";
import { WORDS } from "../../cli/words.ts";
import { PeriError } from "../../runtime/model/errors.ts";
import type { Operation } from "../../runtime/ports/session.ts";
import type { Far } from "../../cli/context.ts";
import { openWorld, type } from "./memory.ts";
import { dispatch } from "../../cli/dispatch.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

/** A periphery whose one pod is hey. Every pod command but `hey`'s is refused as the real one does. */
const list: Operation = (_args, session) => {
  session.item({ name: "hey", version: "0.1.0" });
  return Promise.resolve(0);
};
const running: Operation = async (args, session) => {
  const { pod, argv } = args as { pod: string; argv: string[] };
  if (pod !== "hey") {
    throw new PeriError("not-found", { op: "run pod", subject: `there is no pod ${pod}` });
  }
  session.write(1, bytes(`hey was asked ${argv.join(" ")}, terminal ${session.terminal}\n`));
  session.write(2, bytes("and complains\n"));
  for await (const piece of session.input) session.write(1, piece);
  return 7;
};
const operations = { "pod.list": list, "pod.run": running };

Deno.test("every built-in word and verb has a file, a line for help, and help of its own", async () => {
  const { stdout } = await type(["--help"]);
  for (const [name, word] of Object.entries(WORDS)) {
    assert.match(stdout, new RegExp(`^  ${name} `, "m"));
    for (const verb of Object.keys(word.verbs ?? { "": 0 })) {
      const path = verb === "" ? [name] : [name, verb];
      const help = await type([...path, "--help"]);
      assert.equal(help.code, 0);
      assert.match(help.stdout, new RegExp(`Usage\n  peri ${path.join(" ")}`));
      assert.equal(help.stderr, "");
    }
  }
});

Deno.test("every file of a command is a built-in word", async () => {
  const folder = new URL("../../cli/commands/", import.meta.url);
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const [word] = name.split(".") as [string];
    if (!isDirectory) assert.ok(WORDS[word]?.load, word);
    else {
      const files = [...Deno.readDirSync(new URL(`${name}/`, folder))];
      const verbs = files.map((file) => file.name.replace(/\.ts$/, ""));
      assert.deepEqual(Object.keys(WORDS[word]?.verbs ?? {}).sort(), verbs.sort());
    }
  }
});

Deno.test("no word, --help, -h and help are the same", async () => {
  const { stdout, code } = await type(["--help"]);
  assert.equal(code, 0);
  for (const argv of [[], ["-h"], ["help"]]) assert.equal((await type(argv)).stdout, stdout);
  assert.equal((await type(["help", "pod"])).stdout, (await type(["pod", "--help"])).stdout);
});

Deno.test("a word that is not built in is a pod, with its streams and exit code", async () => {
  const world = { operations, input: ["typed ", "by me"] };
  const { code, stdout, stderr } = await type(["hey", "leave-message", "--json", "-h"], world);
  assert.equal(code, 7);
  assert.equal(stdout, "hey was asked leave-message --json -h, terminal false\ntyped by me");
  assert.equal(stderr, "and complains\n");
});

Deno.test("without a server the pod runs in the home", async () => {
  const { code, stdout } = await type(["hey", "list"], { home: operations });
  assert.equal(code, 7);
  assert.match(stdout, /^hey was asked list/);
});

Deno.test("a pod stands before a program of the same name", async () => {
  const programs = { hey: () => 99, disco: (args: readonly string[]) => args.length };
  assert.equal((await type(["hey"], { operations, programs })).code, 7);
  assert.equal((await type(["disco", "a", "--b"], { operations, programs })).code, 2);
  assert.equal((await type(["disco", "a"], { programs })).code, 1);
});

Deno.test("a program's standard input is not touched by peri", async () => {
  const { context } = openWorld({ operations, programs: { disco: () => 0 }, input: ["for disco"] });
  assert.equal(await dispatch(["disco"], context), 0);
  const left = await Array.fromAsync(context.streams.stdin.pieces);
  assert.equal(new TextDecoder().decode(left[0]), "for disco");
});

Deno.test("standard input is left alone until the pod reads it", async () => {
  const { context } = openWorld({
    operations: { "pod.run": () => Promise.resolve(0) },
    input: ["for whoever comes next"],
  });
  assert.equal(await dispatch(["hey", "list"], context), 0);
  const left = await Array.fromAsync(context.streams.stdin.pieces);
  assert.equal(new TextDecoder().decode(left[0]), "for whoever comes next");
});

Deno.test("an unknown word is refused with the nearest of built-ins, pods and programs", async () => {
  const programs = { disco: () => 0 };
  for (const [typed, meant] of [["stauts", "status"], ["hye", "hey"], ["dicso", "disco"]]) {
    const { code, stderr } = await type([typed!], { operations, programs });
    assert.equal(code, 2);
    assert.match(
      stderr,
      new RegExp(`^peri: cannot run peri ${typed}: .*\nhint: .*peri ${meant}\\?`),
    );
  }
  const far = await type(["Q:Q/../q"], { operations });
  assert.equal(far.code, 2);
  assert.match(far.stderr, /hint: peri --help lists/);
  const long = await type(["x".repeat(10_000)], { operations });
  assert.match(long.stderr, /^peri: cannot run peri x{64}…: it is no .*\nhint: peri --help lists/);
});

Deno.test("the word of a pod that comes with peri and is not installed says how to install it", async () => {
  const files = { "/checkout/dist/hey.wasm": new Uint8Array() };
  const gone: Operation = () => {
    throw new PeriError("not-found", { op: "find a pod", subject: "there is no pod hey" });
  };
  const none = { "pod.list": () => Promise.resolve(0), "pod.run": gone };
  for (const world of [{ files }, { files, operations: none }]) {
    const { code, stderr } = await type(["hey", "list"], world);
    assert.equal(code, 2);
    assert.match(stderr, /\nhint: peri pod install hey\n$/);
  }
});

Deno.test("pod exec reaches a pod whose name is taken, flags and all", async () => {
  const status: Operation = (args, session) => {
    session.write(1, bytes(JSON.stringify(args)));
    return Promise.resolve(0);
  };
  const { stdout } = await type(["pod", "exec", "status", "--help", "--json"], {
    operations: { "pod.run": status },
  });
  assert.deepEqual(JSON.parse(stdout), { pod: "status", argv: ["--help", "--json"] });
});

Deno.test("an error of a pod that exists is its own", async () => {
  const failing: Operation = () => {
    throw new PeriError("not-found", { op: "read letter", subject: "9", hint: "peri hey list" });
  };
  const { code, stderr } = await type(["hey", "read", "9"], {
    operations: { "pod.list": list, "pod.run": failing },
  });
  assert.equal(code, 3);
  assert.equal(stderr, "peri: cannot read letter: 9\nhint: peri hey list\n");
});

Deno.test("wrong flags, verbs and words end with 2 and say where help is", async () => {
  for (
    const [argv, path, said] of [
      [["pod", "lisst"], "pod", "did you mean list"],
      [["pod", "list", "--jsn"], "pod list", "did you mean --json"],
      [["pod", "info"], "pod info", "pod"],
      [["pod", "info", "a", "b"], "pod info", "b"],
      [["status", "--as"], "status", "--as"],
      [["pod", "install", "--as"], "pod install", "as"],
      [["pod", "exec"], "pod exec", "pod"],
      [["ssh", "-p", "22", "host"], "ssh", "-p\nhint: .*peri ssh HOST:PORT"],
    ] as const
  ) {
    const { code, stderr, stdout } = await type(argv, { operations });
    assert.equal(code, 2, argv.join(" "));
    assert.match(stderr, new RegExp(`^peri: cannot run peri ${path}: .*${said}`), stderr);
    assert.equal(stdout, "");
  }
});

Deno.test("what is done on this computer alone is refused with --on, also when the launcher took it off", async () => {
  const cloud = { name: "cloud", host: "cloud.example", port: 2222, hostKey: "" };
  const far = { read: () => Promise.resolve({ known: [cloud] }) } as unknown as Far;
  const env = { PERI_ON: "cloud", PERI_ON_SAID: "1" };
  for (
    const [argv, world] of [[["serve"], { far, env }], [["--on", "cloud", "serve"], {
      far,
    }]] as const
  ) {
    const { code, stderr } = await type(argv, world);
    assert.equal(code, 2);
    assert.match(
      stderr,
      /serve is for this computer; --on names another one\nhint: .*without --on/,
    );
  }
  const { stderr } = await type([], { env: { PERI_ON_SAID: "1" } });
  assert.match(stderr, /--on names no server/);
});

Deno.test("with --json an error is one record on standard error", async () => {
  const { code, stdout, stderr } = await type(["status", "--json"]);
  assert.equal(code, 3);
  assert.equal(stdout, "");
  assert.deepEqual(JSON.parse(stderr), {
    error: { kind: "not-found", op: "do that", subject: "no home" },
  });
  const unknown = await type(["pods", "--json"]);
  assert.equal(JSON.parse(unknown.stderr).error.hint, "did you mean peri pod?");
});

Deno.test("a fault is internal, without a stack unless PERI_DEBUG is 1", async () => {
  const status: Operation = () => {
    throw new TypeError("undefined is not a function");
  };
  const quiet = await type(["status"], { operations: { status } });
  assert.equal(quiet.code, 1);
  assert.doesNotMatch(quiet.stderr, /\n\s+at /);
  assert.match(quiet.stderr, /hint: PERI_DEBUG=1/);
  const loud = await type(["status"], { operations: { status }, env: { PERI_DEBUG: "1" } });
  assert.match(loud.stderr, /\n\s+at /);
});
