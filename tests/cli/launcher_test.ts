// needs: ssh
import assert from "node:assert/strict";
import { join } from "node:path";
import { formatLauncher, parseLauncher, quoteShell } from "../../tools/install/launcher.ts";

const ROOT = new URL("../..", import.meta.url).pathname.replace(/\/$/, "");

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(
  program: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<Ran> {
  const { code, stdout, stderr } = await new Deno.Command(program, {
    args: [...args],
    clearEnv: true,
    env: { PATH: "/usr/bin:/bin", HOME: "/nowhere", DENO_DIR: denoDir(), ...env },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

function denoDir(): string {
  const { DENO_DIR, XDG_CACHE_HOME, HOME } = Deno.env.toObject();
  return DENO_DIR ?? join(XDG_CACHE_HOME ?? join(HOME!, ".cache"), "deno");
}

/** A folder whose name is as bad as names get, removed afterwards. */
async function inFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const base = await Deno.makeTempDir({ prefix: "peri-launcher-" });
  const folder = join(base, `it's "a" $(bad) name\\ *`);
  await Deno.mkdir(folder);
  try {
    await test(folder);
  } finally {
    await Deno.remove(base, { recursive: true });
  }
}

/** A launcher whose `deno` prints what it is given, one argument a line. */
async function withEcho(
  test: (
    peri: (args: readonly string[], env?: Record<string, string>) => Promise<string[]>,
    folder: string,
  ) => Promise<void>,
): Promise<void> {
  await inFolder(async (folder) => {
    const deno = join(folder, "deno");
    await Deno.writeTextFile(deno, '#!/bin/sh\nfor arg in "$@"; do echo "$arg"; done\n');
    await Deno.chmod(deno, 0o755);
    await Deno.writeTextFile(join(folder, "main.ts"), "");
    const launcher = join(folder, "peri");
    await Deno.writeTextFile(launcher, formatLauncher({ deno, root: folder }));
    await Deno.chmod(launcher, 0o755);
    await test(async (args, env = {}) => {
      const { code, stdout, stderr } = await run(launcher, args, env);
      assert.equal(code, 0, stderr);
      return stdout.trimEnd().split("\n");
    }, folder);
  });
}

/** Sets the bounds of pod hosts. */
const SHELL = "/bin/sh";

const given = (args: readonly string[], name: string) =>
  args.find((arg) => arg.startsWith(`--allow-${name}`))?.split("=")[1]?.split(",") ?? [];

Deno.test("a launcher passes words on as they are, wherever it stands", async () => {
  await withEcho(async (peri, folder) => {
    const words = ["hey", "leave-message", "bob", 'it\'s "a" $HOME *', "", "--", "-x"];
    const args = await peri(words);
    const at = args.indexOf(join(folder, "main.ts"));
    assert.deepEqual(args.slice(at + 1), words);
    assert.ok(args.includes(`--config=${folder}/deno.json`));
  });
});

Deno.test("nothing is allowed as a whole, and only what a word needs is added", async () => {
  await withEcho(async (peri, folder) => {
    const env = { PERI_HOME: "/home/of mine" };
    const deno = join(folder, "deno");
    for (const word of ["status", "outbox", "version", "hey", "pod", "key"]) {
      const args = await peri([word], env);
      assert.ok(!args.includes("-A") && !args.includes("--allow-all"));
      for (const arg of args.filter((arg) => arg.startsWith("--allow-"))) assert.match(arg, /=./);
      assert.deepEqual(given(args, "net"), ["unix:/home/of mine/control.sock"]);
      assert.deepEqual(given(args, "write"), ["/home/of mine"]);
      assert.deepEqual(given(args, "read").slice(0, 2), [folder, "/home/of mine"]);
    }
    assert.deepEqual(given(await peri(["status"], env), "run"), [deno, SHELL]);
    assert.deepEqual(given(await peri(["hey"], env), "run"), [deno, SHELL]);
    assert.ok(given(await peri(["key", "init"], env), "run").includes("/usr/bin/gpg"));
    assert.ok((await peri(["serve"], env)).includes("--allow-net"));
    const told = ["key", "succeed", "--to", "A", "--server=https://far.example:8443/"];
    assert.deepEqual(given(await peri(told, env), "net").slice(1), ["far.example:8443"]);
  });
});

Deno.test("a server keeps few megabytes for new objects, and nobody else is told how many", async () => {
  await withEcho(async (peri, folder) => {
    const told = async (word: string) => {
      const args = await peri([word]);
      return args.slice(0, args.indexOf(join(folder, "main.ts")))
        .filter((arg) => arg === "" || arg.includes("v8"));
    };
    assert.deepEqual(await told("serve"), ["--v8-flags=--max-semi-space-size=2"]);
    assert.deepEqual(await told("hey"), []);
  });
});

Deno.test("only the files that a command writes may be written beside the home", async () => {
  await withEcho(async (peri) => {
    const written = async (...args: string[]) =>
      given(await peri(args, { PERI_HOME: "/p" }), "write").slice(1);
    assert.deepEqual(await written("outbox", "export", "f", "--to", "bob"), ["f"]);
    assert.deepEqual(await written("outbox", "export", "--json", "--to", "bob", "f"), ["f"]);
    assert.deepEqual(await written("inbox", "import", "a/f"), ["a/f.reply"]);
    assert.deepEqual(await written("outbox", "export", "f,/etc"), []);
    assert.deepEqual(await written("outbox", "settle", "f"), []);
    assert.deepEqual(await written("hey", "export", "f"), []);
  });
});

Deno.test("a copy of a key may be written and read where it is told, and nowhere else", async () => {
  await withEcho(async (peri, folder) => {
    const copies = async (...args: string[]) => {
      const allowed = await peri(args, { PERI_HOME: "/p" });
      return [given(allowed, "write").slice(1), given(allowed, "read").slice(2)];
    };
    const both = [["f", "f.part"], ["f", "f.part"]];
    assert.deepEqual(await copies("key", "backup", "--to", "f"), both);
    assert.deepEqual(await copies("key", "backup", "alice", "--paper", "--to=f"), both);
    assert.deepEqual(await copies("key", "init", "--revocation-to", "f"), both);
    assert.deepEqual(await copies("behalf", "show", "hey", "--signature-to=f"), both);
    assert.deepEqual(await copies("key", "backup", "--to", folder), [[], []]);
    assert.deepEqual(await copies("key", "backup", "--to", "f,/etc"), [[], []]);
    assert.deepEqual(await copies("outbox", "drop", "--to", "f"), [[], []]);
  });
});

Deno.test("the home is the one that peri itself would find", async () => {
  await withEcho(async (peri) => {
    const homeOf = async (env: Record<string, string>, ...args: string[]) =>
      given(await peri(["status", ...args], env), "write").at(-1);
    assert.equal(await homeOf({ HOME: "/h" }), "/h/.local/share/peri");
    assert.equal(await homeOf({ HOME: "/h", XDG_DATA_HOME: "rel" }), "/h/.local/share/peri");
    assert.equal(await homeOf({ HOME: "/h", XDG_DATA_HOME: "/d" }), "/d/peri");
    assert.equal(await homeOf({ HOME: "/h", XDG_DATA_HOME: "/d", PERI_HOME: "/p" }), "/p");
    assert.equal(await homeOf({ PERI_HOME: "/p" }, "--home", "/flag"), "/flag");
    assert.equal(await homeOf({ PERI_HOME: "/p" }, "--home=/flag"), "/flag");
  });
});

Deno.test("files that are named may be read, folders and what is not there may not", async () => {
  await withEcho(async (peri, folder) => {
    const file = join(folder, "hey.wasm");
    await Deno.writeTextFile(file, "");
    const args = await peri(
      ["pod", "install", file, `--as=${folder}`, "/etc/nothing", "--x", "/"],
      {
        PERI_PASSPHRASE_FILE: join(folder, "main.ts"),
      },
    );
    assert.deepEqual(given(args, "read").slice(2), [join(folder, "main.ts"), file]);
  });
});

Deno.test("a program peri-<word> may be run under that word alone", async () => {
  await withEcho(async (peri, folder) => {
    const program = join(folder, "peri-disco");
    await Deno.writeTextFile(program, "#!/bin/sh\n");
    await Deno.chmod(program, 0o755);
    const env = { PATH: `.:relative:${folder}:/usr/bin:/bin` };
    const deno = join(folder, "deno");
    assert.deepEqual(given(await peri(["disco"], env), "run"), [deno, SHELL, program]);
    assert.deepEqual(given(await peri(["discos"], env), "run"), [deno, SHELL]);
    assert.deepEqual(given(await peri(["status", "disco"], env), "run"), [deno, SHELL]);
    assert.deepEqual(given(await peri(["../disco"], env), "run"), [deno, SHELL]);
  });
});

Deno.test("what Deno's permissions cannot name is refused with a way out", async () => {
  await withEcho(async (_peri, folder) => {
    const { code, stderr } = await run(join(folder, "peri"), ["status"], { PERI_HOME: "/a,b" });
    assert.equal(code, 2);
    assert.match(stderr, /^peri: cannot start: .*\nhint: .*PERI_HOME/);
  });
});

Deno.test("a launcher is known by its mark, other files are not", () => {
  const text = formatLauncher({ deno: "/bin/deno", root: "/my peri" });
  assert.equal(parseLauncher(text), "/my peri");
  for (const other of ["", "#!/bin/sh\necho\n", "\0ELF", text.slice(1)]) {
    assert.equal(parseLauncher(other), undefined);
  }
  assert.equal(quoteShell("it's"), "'it'\\''s'");
});

Deno.test("install puts a peri that runs, uninstall takes it away and nothing else", async () => {
  await inFolder(async (folder) => {
    const bin = join(folder, "bin");
    const tool = (...args: string[]) =>
      run(Deno.execPath(), ["run", "-A", join(ROOT, "tools/install.ts"), "--to", bin, ...args], {
        HOME: Deno.env.get("HOME") ?? "/",
      });
    const installed = await tool();
    assert.equal(installed.code, 0, installed.stderr);
    assert.match(installed.stdout, /is not on your PATH/);
    await Deno.writeTextFile(join(bin, "mine"), "");
    const help = await run(join(bin, "peri"), ["--help"]);
    assert.deepEqual([help.code, help.stderr], [0, ""]);
    assert.match(help.stdout, /^ {2}pod +Your pods/m);
    const refused = await run(join(bin, "peri"), ["pod", "lst"]);
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /did you mean list\?/);
    assert.equal((await tool("--quiet")).stdout, "");
    assert.match((await tool("--remove")).stdout, /^removed/);
    assert.deepEqual((await Array.fromAsync(Deno.readDir(bin))).map(({ name }) => name), ["mine"]);
    assert.match((await tool("--remove")).stdout, /nothing to do/);
  });
});

Deno.test("install and uninstall leave somebody else's peri alone", async () => {
  await inFolder(async (folder) => {
    const path = join(folder, "peri");
    const other = formatLauncher({ deno: "/bin/deno", root: "/elsewhere" });
    for (
      const [text, args] of [["mine", []], ["mine", ["--remove"]], [other, ["--remove"]]] as const
    ) {
      await Deno.writeTextFile(path, text);
      const script = join(ROOT, "tools/install.ts");
      const { code, stderr } = await run(
        Deno.execPath(),
        ["run", "-A", script, "--to", folder, ...args],
        { HOME: Deno.env.get("HOME") ?? "/" },
      );
      assert.equal(code, 1);
      assert.match(stderr, /^install: /);
      assert.equal(await Deno.readTextFile(path), text);
    }
  });
});

Deno.test("ssh may be run for servers elsewhere, once one was met, and by the words that meet one", async () => {
  await withEcho(async (peri, folder) => {
    const home = join(folder, "home");
    await Deno.mkdir(home);
    const runs = async (...words: string[]) =>
      given(await peri(words, { PERI_HOME: home }), "run").includes("/usr/bin/ssh");
    assert.equal(await runs("status"), false);
    assert.equal(await runs("ssh", "cloud"), true);
    assert.equal(await runs("server", "add", "cloud"), true);
    await Deno.writeTextFile(join(home, "servers.json"), "{}");
    assert.equal(await runs("status"), true);
    // What stands before the word does not hide it: a file that it names may be written.
    const args = await peri(["--on", "cloud", "outbox", "export", "/tmp/x.peri"], {
      PERI_HOME: home,
    });
    assert.deepEqual(args.slice(-3), ["outbox", "export", "/tmp/x.peri"]);
    assert.ok(given(args, "write").includes("/tmp/x.peri"));
    assert.equal(
      (await peri(["--on=cloud", "hey", "--on", "x"])).slice(-3).join(" "),
      "hey --on x",
    );
  });
});
