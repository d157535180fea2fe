import assert from "node:assert/strict";
import { FakePeriphery } from "./testing/fake.ts";
import { nearestWord } from "./text/nearest.ts";
import type { Run } from "./run.ts";
import { HandPod } from "./testing/hand.ts";

const OWNER = "A".repeat(40);

class Greeter extends HandPod {
  constructor(run: Run) {
    super(run);
    this.verb("greet", "<who>", "Greets somebody.", ([who]) => run.print(`hello ${who}`), () => [
      "bob",
      "bea",
      "carol",
    ]);
    this.verb("exit", "<code>", "Ends so.", ([code]) => Number(code));
  }
}

const openGreeter = () =>
  new FakePeriphery(Greeter, { name: "greeter", version: "0.1.0", about: "Greets." }, OWNER);

async function complete(...argv: string[]): Promise<unknown> {
  const args = JSON.stringify([argv]);
  const caller = { person: OWNER };
  return (await openGreeter().begin(caller, "peri:face/command", "complete", args).ended).result;
}

Deno.test("help shows every verb, with or without being asked", async () => {
  const help = "Greets.\n\n" +
    "  peri greeter greet <who>   Greets somebody.\n" +
    "  peri greeter exit <code>   Ends so.\n";
  for (const argv of [[], ["help"], ["--help"], ["-h"]]) {
    assert.deepEqual(await openGreeter().command(argv), { result: 0, stdout: help, stderr: "" });
  }
  const one = "  peri greeter exit <code>   Ends so.\n";
  assert.equal((await openGreeter().command(["exit", "--help"])).stdout, one);
  assert.equal((await openGreeter().command(["help", "exit"])).stdout, one);
});

Deno.test("an unknown verb is refused with the nearest one", async () => {
  const { failure, stdout } = await openGreeter().command(["gret", "bob"]);
  assert.deepEqual([failure?.kind, failure?.hint], ["invalid", "did you mean peri greeter greet?"]);
  assert.equal(stdout, "");
  assert.equal((await openGreeter().command(["xyz"])).failure?.hint, "peri greeter help");
});

Deno.test("a verb's number is the exit code, held to 0 to 125", async () => {
  const codes = await Promise.all(
    ["7", "126", "-1", "x", "2.5"].map(async (code) =>
      (await openGreeter().command(["exit", code])).result
    ),
  );
  assert.deepEqual(codes, [7, 125, 0, 0, 2]);
});

Deno.test("completion gives verbs first, then what the verb knows", async () => {
  assert.deepEqual(await complete(""), ["greet", "exit", "help"]);
  assert.deepEqual(await complete("g"), ["greet"]);
  assert.deepEqual(await complete("greet", "b"), ["bob", "bea"]);
  assert.deepEqual(await complete("help", "e"), ["exit"]);
  assert.deepEqual(await complete("exit", ""), []);
});

Deno.test("the nearest word is near", () => {
  const words = ["leave-message", "list", "read", "answer"];
  assert.equal(nearestWord("lsit", words), "list");
  assert.equal(nearestWord("leave", words), "leave-message");
  assert.equal(nearestWord("raed", words), "read");
  assert.equal(nearestWord("banana", words), undefined);
  assert.equal(nearestWord("", words), undefined);
});
