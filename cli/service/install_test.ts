import assert from "node:assert/strict";
import { PeriError } from "../../runtime/model/errors.ts";
import { type Installation, installService, type Machine, uninstallService } from "./install.ts";

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
