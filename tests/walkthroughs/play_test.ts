import assert from "node:assert/strict";
import { alignLines, formatRows } from "./align.ts";
import { playStory } from "./play.ts";
import { Stage } from "./stage.ts";
import { parseStory } from "./story.ts";

const FENCE = "```";

/** A story of one console block. */
function storyOf(...lines: string[]): string {
  return `# A story\n\n${FENCE}console\n${lines.join("\n")}\n${FENCE}\n`;
}

async function play(...lines: string[]): Promise<void> {
  await using stage = new Stage("/bin");
  await playStory("story.md", storyOf(...lines), stage);
}

Deno.test("a story's steps have person, command, output, exit code and line", () => {
  const text =
    `Hello.\n\n${FENCE}console\nalice$ one\nout\n\nmore\n\nbob$ two \\\n> go on\n? 3\n${FENCE}\n` +
    `\n${FENCE}sh\nnot$ run\n${FENCE}\n\n${FENCE}console\nbob$ serve &\nready\n${FENCE}\n`;
  assert.deepEqual(parseStory(text), [
    {
      line: 4,
      person: "alice",
      command: "one",
      isBackground: false,
      expected: ["out", "", "more"],
      exitCode: 0,
    },
    {
      line: 9,
      person: "bob",
      command: "two \\\ngo on",
      isBackground: false,
      expected: [],
      exitCode: 3,
    },
    {
      line: 19,
      person: "bob",
      command: "serve",
      isBackground: true,
      expected: ["ready"],
      exitCode: 0,
    },
  ]);
  assert.throws(() => parseStory(`${FENCE}console\nno prompt\n${FENCE}\n`), /line 2/);
  assert.throws(() => parseStory(`${FENCE}console\nalice$ x\n`), /does not end/);
});

Deno.test("a block with a person and a path is a file that they write", async () => {
  const text = `${FENCE}ts alice:a/b.ts\nconst x = "$HOME";\n\n// \\ end\n${FENCE}\n`;
  const [step] = parseStory(text);
  assert.deepEqual([step!.line, step!.person, step!.isBackground], [1, "alice", false]);
  await using stage = new Stage("/bin");
  await stage.run("alice", "mkdir a", new Map());
  await playStory("story.md", text, stage);
  const { output } = await stage.run("alice", "cat a/b.ts", new Map());
  assert.equal(output, 'const x = "$HOME";\n\n// \\ end\n');
  await playStory("story.md", `${FENCE}ts alice:a/b.ts+\nmore;\n${FENCE}\n`, stage);
  const { output: longer } = await stage.run("alice", "cat a/b.ts", new Map());
  assert.equal(longer, 'const x = "$HOME";\n\nmore;\n// \\ end\n');
  assert.deepEqual(parseStory(`${FENCE}ts\nnot written\n${FENCE}\n`), []);
});

Deno.test("patterns stand for what they say and nothing else", () => {
  const isSame = (promised: string[], seen: string[], known = new Map<string, string>()) =>
    alignLines(promised, seen, known).isSame;
  assert.ok(isSame(["a", "b"], ["a", "b"]));
  assert.ok(isSame(["a [..] c"], ["a b b c"]));
  assert.ok(isSame(["..."], []));
  assert.ok(isSame(["a", "...", "z"], ["a", "b", "c", "z"]));
  assert.ok(isSame(["...", "m", "..."], ["a", "m", "z"]));
  assert.ok(isSame(["a.b (c)"], ["a.b (c)  "]));
  assert.ok(isSame(["to [BOB]"], ["to 12"], new Map([["BOB", "12"]])));
  assert.ok(!isSame(["a.b"], ["axb"]));
  assert.ok(!isSame(["a"], ["a", "b"]));
  assert.ok(!isSame(["a", "b"], ["a"]));
  assert.ok(!isSame(["a", "...", "z"], ["a", "z", "b"]));
  assert.ok(!isSame(["to [BOB]"], ["to 13"], new Map([["BOB", "12"]])));
  assert.deepEqual(
    alignLines(["key [KEY=..] of [WHO=..]"], ["key 12 34 of Alice"]).remembered,
    new Map([["KEY", "12 34"], ["WHO", "Alice"]]),
  );
});

Deno.test("a difference is shown where it is", () => {
  const { rows } = alignLines(["a", "b", "...", "d"], ["a", "x", "c", "d", "e"]);
  assert.equal(formatRows(rows), "  a\n- b\n. x\n. c\n  d\n+ e");
});

Deno.test("people have homes of their own and share what was remembered", () =>
  play(
    "alice$ echo secret > key; pwd; echo error >&2",
    "~",
    "error",
    "bob$ ls; echo $HOME",
    "~",
    "alice$ cat key",
    "[KEY=..]",
    "bob$ echo got $KEY",
    "got [KEY]",
  ));

Deno.test("a wrong output and a wrong exit code stop the story at their line", async () => {
  await assert.rejects(play("alice$ true", "alice$ echo b", "a"), (error: Error) => {
    assert.equal(error.message, "story.md:5: alice$ echo b\n- a\n+ b");
    return true;
  });
  await assert.rejects(play("alice$ exit 4"), /exit code 4, expected 0/);
  await assert.rejects(play("alice$ true", "? 4"), /exit code 0, expected 4/);
  await play("alice$ exit 4", "? 4");
});

Deno.test("a program behind is waited for, runs on, and can be ended or killed", () =>
  play(
    "bob$ echo up on 12; trap 'echo bye; exit 0' TERM; while true; do sleep 0.05; done &",
    "up on [PORT=..]",
    "alice$ echo $PORT",
    "12",
    "bob$ kill %1",
    "bye",
    "bob$ exec sleep 60 &",
    "bob$ kill -KILL %2",
    "? 137",
  ));

Deno.test("a program behind that ends or never gets ready stops the story", async () => {
  await assert.rejects(
    play("bob$ echo no; exit 2 &", "ready"),
    /ended with exit code 2\n- ready\n\. no$/,
  );
  await assert.rejects(play("bob$ kill %1"), /nothing runs behind as %1/);
});

Deno.test("when a story is over, its programs and homes are gone", async () => {
  let home = "";
  let pid = "";
  {
    await using stage = new Stage("/bin");
    home = stage.home("bob");
    await playStory("s.md", storyOf("bob$ echo $$ > pid; cat pid; exec sleep 60 &", "[..]"), stage);
    pid = Deno.readTextFileSync(`${home}/pid`).trim();
    assert.ok(Deno.statSync(`/proc/${pid}`).isDirectory);
  }
  assert.throws(() => Deno.statSync(home), Deno.errors.NotFound);
  assert.throws(() => Deno.statSync(`/proc/${pid}`), Deno.errors.NotFound);
});
