/**
 * Photos of several people: a pod that asks the pods of its person's friends, and their friends.
 *
 * @module
 */

import { askAll, peer, Pod, Refusal, type Told, type u8 } from "@peri/sdk";
import { Album, checkName, checkSize, cutPieces, joinPieces, type Photo } from "./album.ts";
import { type Acquaintance, People } from "./hey.ts";
import { Mine } from "./mine.ts";
import type { Came, Found, Piece, Why, Wish } from "./wish.ts";

/** Most friends that are asked for one photo. */
const MAX_FRIENDS = 50;
/** As far as a photo may be away: two is a friend's friend. */
const MAX_HOPS = 3;
/** The own hey answers within this, also after a restart. */
const HEY_MS = 60_000;

/** Photos, yours and those that friends have. */
export default class Photos extends Pod {
  readonly #album = new Album(this.table("sizes"), this.table("photos"));
  readonly #came = this.table<Came>("came");
  readonly mine = new Mine(this, this.#album, this.#came, (address) => this.peer(address));

  /** The photos of an album. */
  async *list(): AsyncIterable<Photo> {
    await this.#checkFriend(await this.#friends());
    yield* this.#album.list();
  }

  /**
   * A photo in pieces, from this album or one that is not too far away; nothing when nobody has it.
   * @param hops how far it may be away
   * @param asked whom nobody needs to ask again
   * @hidden
   */
  async *find(photo: string, hops: u8, asked: string[]): AsyncIterable<Piece> {
    checkName(photo);
    const friends = await this.#friends();
    await this.#checkFriend(friends);
    const found = await this.#own(photo) ?? await this.#fromOthers(photo, hops, friends, asked);
    if (found === undefined) return;
    for (const bytes of cutPieces(found.bytes)) yield { by: found.by, bytes };
  }

  /**
   * Asks friends for a photo and keeps what comes. Only its own person may have that done.
   * @hidden
   */
  async *gather(wish: Wish): AsyncIterable<Came> {
    const { photo, named, hops, waitMs } = wish;
    const endMs = this.run.nowMs + waitMs;
    checkName(photo);
    const me = await this.run.owner();
    if (this.caller.person !== me) throw denied("ask your friends");
    const friends = (await this.#friends(named)).slice(0, MAX_FRIENDS);
    const asked = [me, ...friends.map(({ person }) => person)];
    const leftMs = Math.max(1, endMs - this.run.nowMs);
    const ask = (of: Acquaintance) => this.#ask(of, photo, hops, asked, leftMs);
    for await (const told of askAll(friends, ask)) yield this.#keep(photo, told);
  }

  async #own(photo: string): Promise<Found | undefined> {
    const bytes = await this.#album.read(photo);
    return bytes && { by: await this.run.owner(), bytes };
  }

  /** On behalf of who asks, in the time that is left: the first that anybody has. */
  async #fromOthers(
    photo: string,
    hops: number,
    friends: readonly Acquaintance[],
    asked: readonly string[],
  ): Promise<Found | undefined> {
    if (hops === 0) return undefined;
    const known = new Set([...asked, this.caller.person, await this.run.owner()]);
    const others = friends.filter(({ person }) => !known.has(person)).slice(0, MAX_FRIENDS);
    const all = [...known, ...others.map(({ person }) => person)];
    const ask = (of: Acquaintance) => this.#ask(of, photo, hops, all);
    for await (const { ok } of askAll(others, ask)) if (ok !== undefined) return ok;
    return undefined;
  }

  /** A photo at a friend's, who may ask others; undefined when they do not have it. */
  async #ask(
    { person: of }: Acquaintance,
    photo: string,
    hops: number,
    asked: string[],
    deadlineMs?: number,
  ): Promise<Found | undefined> {
    const further = Math.min(hops, MAX_HOPS) - 1;
    const friend = this.peer({ of, deadlineMs });
    const pieces: Uint8Array[] = [];
    let by: string | undefined;
    for await (const piece of friend.find(photo, further, asked)) {
      by ??= piece.by;
      pieces.push(piece.bytes);
      checkSize(pieces);
    }
    return by === undefined ? undefined : { by, bytes: joinPieces(pieces) };
  }

  /** Keeps what came, in the commit in which it is told. */
  #keep(photo: string, told: Told<Acquaintance, Found | undefined>): Came {
    const { of: { name: friend }, ok, error } = told;
    const kept = `${friend}/${photo}`;
    if (ok !== undefined) this.#album.keep(kept, ok.bytes);
    const came: Came = ok !== undefined
      ? { friend, photo: kept, bytes: ok.bytes.length, by: ok.by }
      : { friend, why: error === undefined ? "no-such-photo" : whyOf(error) };
    this.#came.put(`${photo}/${friend}`, came);
    return came;
  }

  /** Whom the person of this pod knows, as their hey says. */
  async #friends(named = ""): Promise<Acquaintance[]> {
    const friends: Acquaintance[] = [];
    const hey = peer(this, People, { of: await this.run.owner(), deadlineMs: HEY_MS });
    for await (const friend of hey.all()) if (friend.name.includes(named)) friends.push(friend);
    return friends;
  }

  /** @throws {Refusal} `denied` when a stranger asks. */
  async #checkFriend(friends: readonly Acquaintance[]): Promise<void> {
    const { person } = this.caller;
    if (friends.some((friend) => friend.person === person)) return;
    if (person !== await this.run.owner()) throw denied("look at photos");
  }
}

function denied(op: string): Refusal {
  return new Refusal("denied", { op, subject: "this is for friends" });
}

function whyOf({ kind }: Refusal): Why {
  if (kind === "not-found" || kind === "missing-implementation") {
    return "no-photos-pod";
  }
  return kind === "expired" || kind === "unreachable" || kind === "busy" ? "no-answer" : "refused";
}
