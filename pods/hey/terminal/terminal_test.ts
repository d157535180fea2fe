import assert from "node:assert/strict";
import { openStaged, stagePod } from "../../build/stage.ts";
import type { FakePeriphery } from "../../sdk/testing/fake.ts";
import { Sitting } from "../../sdk/testing/sitting.ts";
import { Mail } from "../generated.ts";

const HEY = await stagePod(`${import.meta.dirname!}/..`);
const ALICE = "A11CE".padEnd(40, "0");
const BOB = "B0B".padEnd(40, "0");
const EVE = "E".repeat(40);

const leave = (hey: FakePeriphery, person: string, text: string, id = "x") =>
  hey.ask(Mail, "leave", [{ id, text }], { person, pod: "hey" });

async function openHey(): Promise<FakePeriphery> {
  const hey = openStaged(HEY, ALICE);
  assert.equal((await hey.command(["name", "bob", BOB])).result, 0);
  return hey;
}

Deno.test("whoever comes to hey sees people, reads what is new, and answers", async () => {
  const hey = await openHey();
  await leave(hey, BOB, "Good morning!\nHow are you?");
  const alice = new Sitting(hey);
  const first = await alice.open();
  assert.match(
    first,
    /^ hey › people · 1 unread\n ● +bob +just now +Good morning! How are you\?\n/,
  );
  console.log(first);
  const talk = await alice.type("[enter]");
  console.log(talk);
  assert.match(
    talk,
    /^ hey › bob\n bob {2}just now {2}new\n {3}Good morning!\n {3}How are you\?\n/,
  );
  assert.equal((await hey.command(["list"])).stdout.includes("*"), false, "it has been read");
  console.log(await alice.type("Very well![enter]"));
});
