/**
 * Servers that lie to their friends and to whoever asks: what they answer, and what they send.
 *
 * @module
 */

import type { SeededEntropy } from "../../../runtime/adapters/memory/entropy.ts";
import { Asker } from "../../../runtime/directory/ask.ts";
import { peripheryOf } from "../../../runtime/directory/friends.ts";
import {
  decodePage,
  encodeNotice,
  encodePage,
  encodeWho,
  type Page,
} from "../../../runtime/directory/wire.ts";
import { type Introduction, parseBehalf } from "../../../runtime/identity/behalf.ts";
import { parsePodRef, type ServerUrl } from "../../../runtime/model/words.ts";
import type { Reply, Request } from "../../../runtime/ports/transport.ts";
import type { Answer, Home } from "./home.ts";
import type { Somebody, Truth } from "./truth.ts";

/** How a server lies. */
export type Lie = "withhold" | "forge" | "flood" | "circle" | "garble";

/** Every way to lie. */
export const LIES: readonly Lie[] = ["withhold", "forge", "flood", "circle", "garble"];

/** People that a flooder makes up. */
const MADE_UP = 300;
const PAGE = 64;

/** The lies of one server. */
export class Liar {
  readonly #made: Introduction[] = [];

  constructor(
    private readonly home: Home,
    private readonly lie: Lie,
    private readonly chance: SeededEntropy,
    /** People of whom it has a copy of the key, or whose names it uses. */
    private readonly victims: readonly Somebody[],
  ) {}

  /** Makes the server lie from now on. */
  async begin(): Promise<void> {
    const { home, lie } = this;
    if (lie === "flood") await this.#makeUp();
    home.lie = LIES_TOLD[lie](this);
  }

  /** What it sends without being asked: notices to whoever has it as a friend. */
  async push(to: ServerUrl): Promise<void> {
    const { home: { world, owner, periphery, server } } = this;
    if (this.lie === "circle" || this.lie === "garble") return;
    const entries = this.lie === "flood"
      ? this.#made.slice(0, 4)
      : await Promise.all(this.#pick(4).map((victim) => this.falsehood(victim)));
    const notice = encodeNotice({
      from: peripheryOf(owner.key.fingerprint),
      to,
      sentMs: world.clock.nowMs(),
      entries,
    });
    const signature = await world.truth.pgp.sign(periphery.secretKey, notice);
    const asker = new Asker(world.network.transport());
    const times = this.lie === "flood" ? 70 : 1;
    for (let n = 0; n < times; n++) {
      await asker.notify(to, { notice, signature }).catch(() => undefined);
    }
    await asker.notify(to, { notice, signature: entries[0]!.signature }).catch(() => undefined);
    void server;
  }

  /** Something that is not so about somebody: an old behalf, or a forged one. */
  async falsehood(victim: Somebody): Promise<Introduction> {
    const truth = this.#truth;
    const ref = { person: victim.key.fingerprint, pod: parseBehalf(this.#hey).pod };
    const old = truth.issued(ref)[0]?.introduction;
    if (this.lie === "withhold" && old !== undefined) return old;
    const nowMs = this.home.world.clock.nowMs();
    const thief = victim.isStolen && this.chance.happens(0.5);
    const forged = await truth.issue(victim, {
      endpoint: this.home.server,
      nowMs,
      serial: 1_000 + this.chance.below(1_000),
      byThief: true,
    });
    // The stolen key signs well; without it, somebody else's signature or certificate stands there.
    if (thief) return { ...forged.introduction, certificate: victim.key.certificate };
    const { owner } = this.home;
    const signature = await truth.pgp.sign(
      owner.key.secretKey,
      new TextEncoder().encode(forged.introduction.document),
    );
    return this.chance.happens(0.5)
      ? { ...forged.introduction, signature }
      : { ...forged.introduction, signature, certificate: owner.certificate };
  }

  /** What it says of a pod that somebody asks for. */
  async entry(path: string): Promise<Introduction | undefined> {
    const ref = parsePodRef(path.slice(path.indexOf("/who/") + 5));
    const victim = this.#truth.people.find(({ key }) => key.fingerprint === ref.person);
    if (victim === undefined || victim === this.home.owner) return undefined;
    if (this.lie === "withhold") return this.#truth.issued(ref)[0]?.introduction;
    if (this.lie === "garble") return this.home.periphery.introduction;
    return await this.falsehood(victim);
  }

  /** The oldest that was ever signed in place of each entry of a page. */
  aged(page: Page): Page {
    const entries = page.entries.map((entry) => {
      const behalf = parseBehalf(entry.document);
      return this.#truth.issued(behalf)[0]?.introduction ?? entry;
    });
    return { ...page, entries };
  }

  /** A page of forged entries behind the good ones. */
  async forged(page: Page): Promise<Page> {
    const more = await Promise.all(this.#pick(3).map((victim) => this.falsehood(victim)));
    return { ...page, entries: [...page.entries.slice(0, PAGE - 3), ...more] };
  }

  /** A page of made-up people; there is always another one. */
  flooded(after: number): Page {
    const at = Math.floor(after / PAGE) * PAGE % MADE_UP;
    // Without end it would only take longer; that it ends is tested in tests/attack/http_test.ts.
    const isLast = this.chance.happens(0.2);
    return { entries: this.#made.slice(at, at + PAGE), through: after + PAGE, isLast };
  }

  get #truth(): Truth {
    return this.home.world.truth;
  }

  get #hey(): string {
    return this.home.periphery.introduction.document.replace("pod: periphery", "pod: hey");
  }

  #pick(count: number): readonly Somebody[] {
    return Array.from(
      { length: count },
      () => this.victims[this.chance.below(this.victims.length)]!,
    );
  }

  async #makeUp(): Promise<void> {
    const { home: { server, world: { clock } } } = this;
    for (let n = 0; n < MADE_UP; n++) {
      const nobody = await this.#truth.person(`nobody${n}`);
      // They are no people of the world, only keys.
      this.#truth.people.pop();
      const wishes = { endpoint: server, nowMs: clock.nowMs() };
      this.#made.push((await this.#truth.issue(nobody, wishes)).introduction);
    }
  }
}

const placeOf = ({ path }: Request): number =>
  Number(/after=(?<at>\d+)/.exec(path)?.groups?.at ?? 0);
const isWho = ({ path }: Request): boolean => path.includes("/who/");
const isBook = ({ path, body }: Request): boolean => path.includes("/book") && body === undefined;
const good = (body: Reply["body"]): Reply => ({ status: 200, body });

const who = (entry: Introduction | undefined) => encodeWho(entry === undefined ? {} : { entry });

/** Changes the pages of an honest answer. */
async function page(
  honest: () => Promise<Reply>,
  change: (page: Page) => Page | Promise<Page>,
): Promise<Reply> {
  const reply = await honest();
  return reply.status === 200 ? good(encodePage(await change(decodePage(reply.body)))) : reply;
}

const LIES_TOLD: Readonly<Record<Lie, (liar: Liar) => Answer>> = {
  withhold: (liar) => async (request, honest) => {
    if (isWho(request)) return good(who(await liar.entry(request.path)));
    return isBook(request) ? await page(honest, (found) => liar.aged(found)) : await honest();
  },
  forge: (liar) => async (request, honest) => {
    if (isWho(request)) return good(who(await liar.entry(request.path)));
    return isBook(request) ? await page(honest, (found) => liar.forged(found)) : await honest();
  },
  flood: (liar) => async (request, honest) =>
    isBook(request) ? good(encodePage(liar.flooded(placeOf(request)))) : await honest(),
  circle: () => async (request, honest) =>
    isBook(request)
      ? await page(honest, (found) => ({ ...found, through: 7, isLast: false }))
      : await honest(),
  garble: (liar) => async (request, honest) => {
    if (isWho(request)) return good(who(await liar.entry(request.path)));
    return isBook(request) ? good(new Uint8Array(100).fill(0xff)) : await honest();
  },
};
