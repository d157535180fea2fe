// needs: systemd-analyze
import assert from "node:assert/strict";
import { PeriError } from "../../runtime/model/errors.ts";
import { type Installation, installService, type Machine, uninstallService } from "./install.ts";
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

/** A machine in memory; programs of it succeed unless told otherwise. */
class FakeMachine implements Machine {
  readonly files = new Map<string, string>();
  readonly ran: string[] = [];
  answer: (line: string) => { exitCode: number; output: string } = () => ({
    exitCode: 0,
    output: "",
  });

  read(path: string) {
    return Promise.resolve(this.files.get(path));
  }
  write(path: string, text: string) {
    this.files.set(path, text);
    return Promise.resolve();
  }
  remove(path: string) {
    this.files.delete(path);
    return Promise.resolve();
  }
  run(program: string, args: readonly string[]) {
    const line = [program, ...args].join(" ");
    this.ran.push(line);
    return Promise.resolve(this.answer(line));
  }
}

const INSTALLATION: Installation = {
  scope: "user",
  command: ["/home/a/.local/bin/peri", "serve"],
  home: "/home/a/.local/share/peri",
  configFolder: "/home/a/.config",
};

const PATH = "/home/a/.config/systemd/user/peri.service";

Deno.test("installing writes, enables and starts; uninstalling leaves nothing", async () => {
  const machine = new FakeMachine();
  const { path, next } = await installService(machine, INSTALLATION);
  assert.equal(path, PATH);
  assert.match(machine.files.get(PATH)!, /ExecStart="\/home\/a\/\.local\/bin\/peri" "serve"/);
  assert.deepEqual(machine.ran, [
    "systemctl --user --version",
    "systemctl --user daemon-reload",
    "systemctl --user enable peri.service",
    "systemctl --user restart peri.service",
  ]);
  assert.match(next.join("\n"), /journalctl --user -u peri\.service/);
  await installService(machine, { ...INSTALLATION, home: "/elsewhere" });
  assert.match(machine.files.get(PATH)!, /\/elsewhere/);
  assert.equal(await uninstallService(machine, INSTALLATION), PATH);
  assert.equal(machine.files.size, 0);
  await assert.rejects(uninstallService(machine, INSTALLATION), { kind: "not-found" });
});

Deno.test("a unit that somebody else wrote is neither replaced nor removed", async () => {
  const machine = new FakeMachine();
  machine.files.set(PATH, "[Service]\nExecStart=/bin/mine\n");
  await assert.rejects(installService(machine, INSTALLATION), { kind: "exists" });
  await assert.rejects(uninstallService(machine, INSTALLATION), { kind: "exists" });
  assert.match(machine.files.get(PATH)!, /mine/);
  assert.deepEqual(machine.ran, []);
});

Deno.test("without systemd nothing is written; its refusal is shown", async () => {
  const machine = new FakeMachine();
  machine.run = () => Promise.reject(new PeriError("not-found", { op: "run", subject: "no" }));
  await assert.rejects(installService(machine, INSTALLATION), { kind: "not-found" });
  assert.equal(machine.files.size, 0);
  const refusing = new FakeMachine();
  refusing.answer = (line) =>
    line.includes("enable")
      ? { exitCode: 1, output: "Access denied" }
      : { exitCode: 0, output: "" };
  await assert.rejects(installService(refusing, { ...INSTALLATION, scope: "system", user: "a" }), {
    kind: "internal",
    subject: /Access denied/,
    hint: /--user/,
  });
});
