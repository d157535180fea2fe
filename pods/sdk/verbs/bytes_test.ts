import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { FakePeriphery } from "../testing/fake.ts";
import { Pod } from "../mod.ts";
import type { PodShape, Type } from "../shape.ts";
import { sketchFunction, sketchOffer, sketchParam, sketchVerb } from "../testing/sketch.ts";

const OWNER = "A".repeat(40);
const BYTES: Type = { list: "u8" };
/** Bytes that are no text of their own when they are cut apart. */
const PICTURE = "\u20ac\x1b[2J";

class Photos extends Pod {
  readonly #photo = this.table<string>("photo");

  add(name: string, photo: Uint8Array): void {
    this.#photo.put(name, photo.toBase64());
  }

  async show(name: string): Promise<Uint8Array> {
    return Uint8Array.fromBase64(await this.#photo.get(name) ?? "");
  }

  async *pieces(name: string): AsyncIterable<Uint8Array> {
    for (const byte of await this.show(name)) yield new Uint8Array([byte]);
  }
}

const NAME = sketchParam("name", "positional", "string", ["0"]);
const PHOTO = sketchParam("photo", "positional", BYTES, ["1"], { about: "the picture" });
const SHAPE: PodShape = {
  offers: [sketchOffer("pod:photos/photos", "", [
    sketchFunction("add", [["name", "string"], ["photo", BYTES]], null),
    sketchFunction("show", [["name", "string"]], BYTES),
    sketchFunction("pieces", [["name", "string"]], { stream: BYTES }),
  ])],
  verbs: [
    sketchVerb("add", "<name> <photo>", [NAME, PHOTO], null),
    sketchVerb("show", "<name>", [NAME], BYTES),
    sketchVerb("pieces", "<name>", [NAME], { stream: BYTES }),
  ],
};

async function openPhotos(): Promise<FakePeriphery> {
  const about = { name: "photos", version: "0.1.0", about: "Photos." };
  const photos = new FakePeriphery(Photos, about, OWNER, SHAPE);
  deepStrictEqual((await photos.command(["add", "duck", "-"], PICTURE)).failure, undefined);
  return photos;
}

Deno.test("bytes come from standard input as they are, and go so into a file", async () => {
  const photos = await openPhotos();
  strictEqual(photos.tables.get("photo")?.get("duck"), '"4oKsG1sySg=="');
  strictEqual((await photos.command(["show", "duck"])).stdout, PICTURE);
});

Deno.test("a terminal is shown how many bytes there are, and the first of them", async () => {
  const photos = await openPhotos();
  const argv = JSON.stringify([["show", "duck"], true]);
  const shown = photos.begin({ person: OWNER }, "peri:face/command", "run", argv);
  strictEqual((await shown.ended).stdout, "7 bytes e282ac1b5b324a\n");
  strictEqual((await photos.command(["show", "duck", "--json"])).stdout, '"4oKsG1sySg"\n');
});

Deno.test("help says that bytes may be standard input", async () => {
  const { stdout } = await (await openPhotos()).command(["add", "--help"]);
  match(stdout, /<photo> +the picture; - reads standard input\n/);
});
