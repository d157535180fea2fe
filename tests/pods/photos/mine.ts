/**
 * What the person of the pod says to it, and nobody else.
 *
 * @module
 */

import { Commands, type Pod, Refusal, type Table, type u32, type u8 } from "@peri/sdk";
import { type Album, checkName, MAX_PHOTO_BYTES } from "./album.ts";
import type { Came, Wish } from "./wish.ts";

/** The photo pod of the same person, called as any other, so that what it does survives a restart. */
interface Asker {
  gather(wish: Wish): AsyncIterable<Came>;
}

/** What the last ones that answer take on their way. */
const SLACK_MS = 10_000;

/** See the module. */
export class Mine extends Commands {
  constructor(
    pod: Pod,
    private readonly album: Album,
    private readonly came: Table<Came>,
    private readonly photos: (address: { of: string; deadlineMs: number }) => Asker,
  ) {
    super(pod);
  }

  /**
   * Keeps a photo.
   * @param bytes the photo
   */
  add(photo: string, bytes: Uint8Array): void {
    checkName(photo);
    if (bytes.length >= 1 && bytes.length <= MAX_PHOTO_BYTES) return this.album.keep(photo, bytes);
    const subject = `a photo has 1 to ${MAX_PHOTO_BYTES} bytes, not ${bytes.length}`;
    throw new Refusal(bytes.length === 0 ? "invalid" : "too-large", { op: "add", subject });
  }

  /**
   * Gives a photo, for a file or another program.
   * @param photo yours, or a friend's as bob/pond
   */
  async show(photo: string): Promise<Uint8Array> {
    const bytes = await this.album.read(photo);
    if (bytes !== undefined) return bytes;
    const subject = `there is no ${JSON.stringify(photo.slice(0, 120))} in the album`;
    throw new Refusal("not-found", { op: "show a photo", subject, hint: "peri photos list" });
  }

  /**
   * Asks friends for a photo, and keeps what comes.
   * @word photo
   * @param named only friends with this in their names
   * @param hops how far it may be away: 2 is a friend's friend
   * @param seconds until it is enough
   */
  async *friends(
    photo: string,
    named: string = "",
    hops: u8 = 1,
    seconds: u32 = 20,
  ): AsyncIterable<Came> {
    const waitMs = seconds * 1_000;
    const own = this.photos({ of: this.caller.person, deadlineMs: waitMs + SLACK_MS });
    yield* own.gather({ photo, named, hops, waitMs });
  }

  /** What has come of asking friends for a photo, the last time each was asked. */
  async *asked(photo: string): AsyncIterable<Came> {
    for await (const [, came] of this.came.walk({ prefix: `${photo}/` })) yield came;
  }
}
