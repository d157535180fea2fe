/**
 * Somebody in a village: what they can do with their pods and their periphery.
 *
 * @module
 */

import type { Remote } from "../../pods/sdk/peer.ts";
import type { InterfaceShape } from "../../pods/sdk/shape.ts";
import { formatBase64 } from "../model/bytes.ts";
import type { JsonRecord } from "../model/control.ts";
import { PeriError } from "../model/errors.ts";
import { type Fingerprint, parsePodName, type ServerUrl } from "../model/words.ts";
import { generationOf, stateKey } from "../supervisor/rows.ts";
import type { Shelf } from "./guests.ts";
import type { House, Owner, Wishes } from "./house.ts";
import { CALLER, type Client, makeCaller, openCalls, type Target } from "./peer.ts";
import { findPod, knownPod, type PodSource } from "./source.ts";
import type { Visitor } from "./visit.ts";

/** What became of words on the command line. */
export interface Ran {
  /** Exit code. */
  readonly code: number;
  /** Standard output. */
  readonly out: string;
  /** Standard error, with what `peri` says of a refusal. */
  readonly err: string;
}

/** A line of a pod's log. */
export interface Logged {
  readonly level: string;
  readonly line: string;
}

/** Which pod is called, and how long to wait. */
export interface CallOptions {
  /** Another name than the pod usually has. */
  readonly name?: string;
  /** Milliseconds of the village's time until a call ends with `expired`. */
  readonly deadlineMs?: number;
}

/** What a villager needs of the village. */
export interface Neighbourhood {
  readonly shelf: Shelf;
  drive<Value>(work: Promise<Value>, what: string): Promise<Value>;
}

/** See the module. */
export class Villager {
  readonly fingerprint: Fingerprint;
  readonly #house: House;
  readonly #village: Neighbourhood;
  /** Interfaces that their calling pod may call, by fingerprint. */
  readonly #called = new Map<string, InterfaceShape>();
  #calling: Promise<unknown> = Promise.resolve();

  constructor(
    readonly name: string,
    house: House & { readonly owner: Owner },
    village: Neighbourhood,
  ) {
    this.#house = house;
    this.#village = village;
    this.fingerprint = house.owner.fingerprint;
  }

  /** Where their server is. */
  get url(): ServerUrl {
    return this.#house.url;
  }

  /** Whether their periphery runs. */
  get isUp(): boolean {
    return this.#house.isRunning;
  }

  /** Whether a message waits to leave here, or to be taken by a pod here. */
  get hasMail(): boolean {
    return this.#house.disk.rows().some(({ key }) => key[3] === "outbox" || key[3] === "inbox");
  }

  /** Whether a message waits to be taken by a pod that runs here. */
  get hasWork(): boolean {
    return this.isUp && this.#house.disk.rows().some(({ key }) => key[3] === "inbox");
  }

  /**
   * Installs a pod, or puts a new version of it in the place of the old one.
   *
   * @param pod its class when the test stands in its folder, else the folder; `hey`
   * @param as another name than its own
   * @throws {PeriError} what the periphery refuses; {@link Error} what its build does.
   */
  async install(pod: PodSource, { as }: { readonly as?: string } = {}): Promise<void> {
    const built = await findPod(pod, new Error().stack ?? "");
    const name = as ?? built.manifest.name;
    const pods = (await this.#visit("pod.list")).items;
    const upgrade = pods.some((one) => one.name === name);
    await this.#visit("pod.install", { name, upgrade }, { input: this.#village.shelf.put(built) });
  }

  /** Puts the version of a pod back that it had before, with what that one kept. */
  async rollBack(pod: string): Promise<void> {
    await this.#visit("pod.rollback", { pod });
  }

  /** Runs words on the command line, as `peri <pod> <verb> …` does. Refusals are exit codes. */
  run(...words: readonly string[]): Promise<Ran> {
    return this.pipe("", ...words);
  }

  /** Runs words with a text as standard input. */
  async pipe(input: string, ...[pod = "", ...argv]: readonly string[]): Promise<Ran> {
    const visitor = this.#house.comes({ input });
    const asked = visitor.ask(this.#house.operation("pod.run"), { pod, argv });
    let [code, said] = [0, ""];
    try {
      await this.#drive(asked, ["peri", pod, ...argv].join(" "));
      code = visitor.exitCode ?? 0;
    } catch (thrown) {
      if (!(thrown instanceof PeriError)) throw thrown;
      code = thrown.exitCode;
      said = `peri: ${thrown.message}\n${
        thrown.hint === undefined ? "" : `hint: ${thrown.hint}\n`
      }`;
    }
    return { code, out: visitor.stdout, err: visitor.stderr + said };
  }

  /**
   * The functions of somebody's pod, called by this person through a pod of their own named
   * `caller`: `await alice.peer(Capybara, bob).report({ place: "pond", count: 2 })`.
   *
   * @param of the pod's class, for its own methods, or a generated class of an interface
   * @throws as the functions do: the other pod's `Refusal` or `TypedError`.
   */
  peer<Class>(
    of: (new (...args: never[]) => Class) | Client<Class>,
    at: Villager,
    options: CallOptions = {},
  ): Remote<Class> {
    const port = {
      run: (needs: InterfaceShape, words: readonly string[], signal: AbortSignal) =>
        this.#call(needs, words, signal),
      drive: <Value>(work: Promise<Value>, what: string) => this.#drive(work, what),
    };
    return openCalls(port, targetOf(of, at, options)) as Remote<Class>;
  }

  /** Words that completion offers for the last of these: `complete("capybara", "sight")`. */
  async complete(...[pod = "", ...argv]: readonly string[]): Promise<string[]> {
    const { items } = await this.#visit("pod.complete", { pod, argv });
    return items.map(({ word }) => String(word));
  }

  /** What `peri pod info` tells of a pod: among it `next`, what it is to do next by itself. */
  async info(pod: string): Promise<JsonRecord> {
    const { items: [info] } = await this.#visit("pod.info", { pod });
    return info!;
  }

  /** What a pod has written into its log, oldest first. */
  async logs(pod: string): Promise<Logged[]> {
    const { items } = await this.#visit("pod.logs", { pod });
    return items.map(({ level, line }) => ({ level: String(level), line: String(line) }));
  }

  /** The rows of a pod's table by key, in order: what is on the disk now. */
  rows(pod: string, table: string): [key: string, value: unknown][] {
    const rows = this.#house.disk.rows()
      .filter(({ key }) => key[1] === this.fingerprint && key[2] === pod);
    // Of a version that is kept the generation is lower.
    const generation = Math.max(0, ...rows.map(({ key }) => generationOf(key) ?? 0));
    const person = this.fingerprint;
    const place = stateKey({ person, pod: parsePodName(pod), generation }, "state", table);
    return rows
      .filter(({ key }) => place.every((part, at) => key[at] === part))
      .map(({ key, value }) => [String(key[place.length]), JSON.parse(String(value))]);
  }

  /** Their periphery dies as by SIGKILL; what it had accepted is on its disk. */
  crash(): void {
    this.#house.kill();
  }

  /**
   * Their periphery dies right after a commit that is to come, before anybody hears of it. A run has
   * more than one, so tests try the first, the second and so on.
   *
   * @param commits how many take effect until then
   */
  crashAfter(commits: number): void {
    this.#house.crashAfter({ commits, isHeard: false });
  }

  /** Starts their periphery again; one that runs is stopped in good order first. */
  async restart(): Promise<void> {
    this.#house.crashAfter();
    await this.#house.stop();
    await this.#drive(this.#house.open(), `${this.name}'s periphery starts`);
  }

  /** Ends their periphery in good order. */
  async stop(): Promise<void> {
    await this.#house.stop();
  }

  /** Takes the server for their own. Done when the village makes them. */
  async claim(): Promise<void> {
    await this.#visit("claim", { certificate: formatBase64(this.#house.owner!.certificate) });
  }

  /** Makes somebody's server a friend of theirs. Use {@link Village.befriend}. */
  async addFriend({ url, fingerprint }: Villager): Promise<void> {
    await this.#visit("friend.add", { url, owner: fingerprint });
  }

  /** Runs words of the pod that calls, which may call one interface more from now on. */
  async #call(
    needs: InterfaceShape,
    words: readonly string[],
    interrupted: AbortSignal,
  ): Promise<void> {
    if (!this.#called.has(needs.capability)) {
      this.#called.set(needs.capability, needs);
      this.#calling = this.#calling.then(() =>
        this.install(makeCaller([...this.#called.values()]))
      );
    }
    await this.#calling;
    await this.#house.visit("pod.run", { pod: CALLER, argv: [...words] }, { interrupted });
  }

  async #visit(operation: string, args: JsonRecord = {}, wishes: Wishes = {}): Promise<Visitor> {
    const what = `${operation} at ${this.name}'s`;
    return await this.#drive(this.#house.visit(operation, args, wishes), what);
  }

  async #drive<Value>(work: Promise<Value>, what: string): Promise<Value> {
    return await this.#village.drive(Promise.race([work, this.#house.gone]), what);
  }
}

/** The functions of a class at somebody's pod. @throws {Error} when nobody has told what they are. */
function targetOf(
  of: object,
  { fingerprint }: Villager,
  { name, ...options }: CallOptions,
): Target {
  if ("shape" in of) {
    const { shape, errors = {} } = of as Client<unknown>;
    const usual = shape.interface.replace(/^.*:|\/.*$/g, "");
    return { shape, errors, of: fingerprint, pod: name ?? usual, ...options };
  }
  const pod = knownPod(of);
  const shape = pod?.shape?.offers.find(({ field }) => field === "");
  if (pod !== undefined && shape !== undefined) {
    const { manifest, errors = {} } = pod;
    return { shape, errors, of: fingerprint, pod: name ?? manifest.name, ...options };
  }
  throw new Error(
    pod === undefined
      ? "somebody installs a pod before its class can be called"
      : `${pod.manifest.name} has no functions of its own: call a generated class of its interface`,
  );
}
