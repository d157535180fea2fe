// needs: systemd-analyze
import assert from "node:assert/strict";
import { formatUnit, type UnitOptions } from "./unit.ts";

const OPTIONS: UnitOptions = {
  scope: "system",
  command: ["/bin/true", "serve"],
  home: "/var/lib/peri",
  user: "root",
};

/** What `systemd-analyze verify` says of a unit; empty when it accepts it. */
async function verify(text: string, scope: string): Promise<string> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/peri.service`, text);
    const { code, stderr } = await new Deno.Command("systemd-analyze", {
      args: [`--${scope}`, "verify", `${folder}/peri.service`],
      env: { XDG_RUNTIME_DIR: folder },
      stdin: "null",
    }).output();
    const said = new TextDecoder().decode(stderr).split("\n");
    const ours = said.filter((line) => line.includes("peri.service")).join("\n");
    return code === 0 ? ours : `${code} ${said.join("\n")}`;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("systemd accepts the unit of a system and of a user, with awkward values too", async () => {
  const awkward = '/home/a "b" 100% $HOME \\x';
  assert.equal(await verify(formatUnit(OPTIONS), "system"), "");
  assert.equal(await verify(formatUnit({ ...OPTIONS, hasLowPort: true }), "system"), "");
  assert.equal(await verify(formatUnit({ ...OPTIONS, scope: "user" }), "user"), "");
  const odd = { ...OPTIONS, home: awkward, command: ["/bin/true", awkward] };
  assert.equal(await verify(formatUnit(odd), "system"), "");
});

Deno.test("systemd would refuse a unit that is wrong, so the test above can fail", async () => {
  const wrong = formatUnit(OPTIONS).replace("KillMode=mixed", "KillMode=gently");
  assert.notEqual(await verify(wrong, "system"), "");
});

Deno.test("only the home can be written, and V8 can still make machine code", () => {
  const unit = formatUnit(OPTIONS);
  assert.match(unit, /^ProtectSystem=strict$/m);
  assert.match(unit, /^ReadWritePaths="\/var\/lib\/peri"$/m);
  assert.match(unit, /^NoNewPrivileges=yes$/m);
  assert.match(unit, /^CapabilityBoundingSet=$/m);
  assert.doesNotMatch(unit, /MemoryDenyWriteExecute/);
});

Deno.test("values cannot add lines to a unit", () => {
  const home = "/home/a\nExecStartPre=/bin/evil";
  assert.throws(() => formatUnit({ ...OPTIONS, home }), { kind: "invalid" });
  assert.throws(() => formatUnit({ ...OPTIONS, user: "a b" }), { kind: "invalid" });
  const { user: _, ...nobody } = OPTIONS;
  assert.throws(() => formatUnit(nobody), { kind: "invalid", hint: /--user/ });
});
