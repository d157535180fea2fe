/**
 * A link between two network namespaces, which any user may make where the system allows user
 * namespaces: a pair of virtual Ethernet devices, one in each.
 *
 * @module
 */

import type { Link, Trouble } from "./link.ts";
import type { Place } from "./town.ts";

const NET = "10.77.0";
/** Nobody has this hardware address; what is sent to it is lost on the way. */
const NOBODY = "02:00:00:00:00:00";
/** Loss in percent, where the kernel has a qdisc for it. */
const LOSS = 25;

/** One side of the link. */
interface Side {
  readonly device: "left" | "right";
  readonly address: string;
  readonly namespace: Namespace;
}

/** A network namespace, held by a process that waits for the end of its input. */
class Namespace implements AsyncDisposable {
  readonly #holder: Deno.ChildProcess;

  constructor(holder: Deno.ChildProcess) {
    this.#holder = holder;
  }

  /** Resolves when it is there. @throws {Error} why it cannot be. */
  static async open(argv: readonly string[]): Promise<Namespace> {
    const [program, ...args] = [...argv, "cat"];
    const options = { stdin: "piped", stdout: "piped", stderr: "piped" } as const;
    const holder = new Deno.Command(program!, { args, ...options }).spawn();
    const namespace = new Namespace(holder);
    const writer = holder.stdin.getWriter();
    await writer.write(new TextEncoder().encode("there\n")).catch(() => {});
    writer.releaseLock();
    const reader = holder.stdout.getReader();
    const { done } = await reader.read();
    reader.releaseLock();
    if (!done) return namespace;
    const said = await new Response(holder.stderr).text();
    await holder.status;
    throw new Error(said.trim() || `${program} ended`);
  }

  /** The words before a command that is to run in it. */
  get entry(): string[] {
    const target = `${this.#holder.pid}`;
    return ["nsenter", "--target", target, "--user", "--net", "--preserve-credentials", "--"];
  }

  get pid(): number {
    return this.#holder.pid;
  }

  /** Runs a command in it to its end. @throws {Error} with what it said when it fails. */
  async run(...command: readonly string[]): Promise<void> {
    const [program, ...args] = [...this.entry, ...command];
    const { success, stderr } = await new Deno.Command(program!, { args }).output();
    if (!success) throw new Error(`${command.join(" ")}: ${new TextDecoder().decode(stderr)}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#holder.stdin.close().catch(() => {});
    await this.#holder.stdout.cancel();
    await this.#holder.stderr.cancel().catch(() => {});
    await this.#holder.status;
  }
}

/** Joins two new namespaces. @throws {Error} why this machine does not allow them. */
export async function openNamespaces(): Promise<Link> {
  await using stack = new AsyncDisposableStack();
  const one = stack.use(await Namespace.open(["unshare", "--user", "--map-root-user", "--net"]));
  const enter = ["nsenter", "--target", `${one.pid}`, "--user", "--preserve-credentials"];
  const other = stack.use(await Namespace.open([...enter, "unshare", "--net"]));
  await one.run(..."ip link add left type veth peer name right netns".split(" "), `${other.pid}`);
  const left: Side = { device: "left", address: `${NET}.1`, namespace: one };
  const right: Side = { device: "right", address: `${NET}.2`, namespace: other };
  for (const { device, address, namespace } of [left, right]) {
    await namespace.run("ip", "addr", "add", `${address}/24`, "dev", device);
    await namespace.run("ip", "link", "set", "lo", "up");
    await namespace.run("ip", "link", "set", device, "up");
  }
  const troubles = [
    unplugged(left),
    unplugged(right),
    lost(left, right),
    lost(right, left),
    forgotten(left, right),
    forgotten(right, left),
    await lossy(left, right),
  ];
  const close = stack.move();
  return {
    name: "network namespaces",
    places: [placeIn(left), placeIn(right)],
    troubles,
    [Symbol.asyncDispose]: () => close.disposeAsync(),
  };
}

function placeIn({ address, namespace }: Side): Place {
  const allow = `export PERI_ALLOW_PRIVATE=${NET}.0/24`;
  const before = `${allow}; exec ${namespace.entry.join(" ")} "$0" "$@"`;
  return { port: 7777, url: `http://${address}:7777`, before };
}

/** One side sees that its device is down, the other one that nobody answers. */
function unplugged({ device, namespace }: Side): Trouble {
  return {
    name: `${device} is unplugged`,
    begin: () => namespace.run("ip", "link", "set", device, "down"),
    end: () => namespace.run("ip", "link", "set", device, "up"),
  };
}

/** What goes one way is lost and nobody is told; the other way is open. */
function lost({ device, namespace }: Side, to: Side): Trouble {
  const neighbour = [to.address, "dev", device];
  return {
    name: `what leaves ${device} is lost`,
    begin: () =>
      namespace.run("ip", "neigh", "replace", ...neighbour, "lladdr", NOBODY, "nud", "permanent"),
    end: () => namespace.run("ip", "neigh", "del", ...neighbour),
  };
}

/**
 * Receipts are lost and with them, in the end, the connections on which they were to come, as when
 * an address translator is started again: what was taken is sent once more.
 */
function forgotten(from: Side, to: Side): Trouble {
  const { begin, end } = lost(to, from);
  return {
    name: `${from.device} gets no replies and loses its connections`,
    begin,
    async end() {
      await from.namespace.run("ss", "--kill", "--tcp", "dst", to.address);
      await end();
    },
  };
}

/** Some of all packets are lost: by netem, or where there is none by short losses in a row. */
async function lossy(left: Side, right: Side): Promise<Trouble> {
  const sides = [left, right];
  const each = (verb: string, ...rest: string[]) =>
    Promise.all(
      sides.map(({ device, namespace }) =>
        namespace.run("tc", "qdisc", verb, "dev", device, "root", ...rest)
      ),
    ).then(() => {});
  const begin = () => each("add", "netem", "loss", `${LOSS}%`, "delay", "20ms", "10ms");
  const end = () => each("del");
  try {
    await begin();
    await end();
    return { name: `${LOSS} % are lost`, begin, end };
  } catch {
    return flickering(left, right);
  }
}

function flickering(left: Side, right: Side): Trouble {
  const { device, namespace } = left;
  const at = `${right.address} dev ${device}`;
  const flicker = `while :; do
    ip neigh replace ${at} lladdr ${NOBODY} nud permanent; sleep 0.03
    ip neigh del ${at}; sleep 0.07
  done`;
  let child: Deno.ChildProcess | undefined;
  return {
    name: `what leaves ${device} is lost now and then`,
    begin() {
      const [program, ...args] = [...namespace.entry, "sh", "-c", flicker];
      const options = { args, stdin: "null", stdout: "null", stderr: "null" } as const;
      child = new Deno.Command(program!, options).spawn();
      return Promise.resolve();
    },
    async end() {
      child?.kill("SIGTERM");
      await child?.status;
      // It may have been stopped in either state, or before it was in any.
      await namespace.run("sh", "-c", `ip neigh del ${at} 2>/dev/null || true`);
    },
  };
}
