/**
 * Texts of others that are almost right (behalfs, manifests, handles): what is read is written the
 * same again, and the rest is refused with an error of peri.
 *
 * `SEED=7 deno test -A tests/fuzz/texts_test.ts` runs other cases, `CASES=100000` more of them.
 *
 * @module
 */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { readManifest } from "../../runtime/adapters/jco/manifest.ts";
import { SeededEntropy } from "../../runtime/adapters/memory/entropy.ts";
import {
  type Behalf,
  draftBehalf,
  formatBehalf,
  parseBehalf,
} from "../../runtime/identity/behalf.ts";
import { encodeUtf8 } from "../../runtime/model/bytes.ts";
import { PeriError } from "../../runtime/model/errors.ts";
import {
  formatStreamHandle,
  parseCapabilityId,
  parseFingerprint,
  parseInterfaceName,
  parsePodName,
  parseServerUrl,
  parseStreamHandle,
} from "../../runtime/model/words.ts";
import { hashFunction, hashInterface } from "../../wit/canonical.ts";
import { readDocs } from "../../wit/docs.ts";
import type { FunctionType } from "../../wit/types.ts";
import { mutate, mutateJson } from "./mutate.ts";

const CASES = Number(Deno.env.get("CASES") ?? 1_500);
const SEED = Deno.env.get("SEED") ?? "1";

/** Reads what it can; how many of the cases were refused. */
function tryCases(
  name: string,
  kinds: readonly string[],
  tryCase: (chance: SeededEntropy) => void,
): number {
  const chance = new SeededEntropy(`${SEED} ${name}`);
  let refused = 0;
  for (let count = 0; count < CASES; count++) {
    try {
      tryCase(chance);
    } catch (thrown) {
      if (!(thrown instanceof PeriError)) throw thrown;
      ok(kinds.includes(thrown.kind), `${thrown.kind}: ${thrown.message}`);
      refused++;
    }
  }
  return refused;
}

function mutateText(text: string, chance: SeededEntropy): string {
  return new TextDecoder().decode(mutate(encodeUtf8(text), chance));
}

const person = parseFingerprint("A".repeat(40));
const pod = parsePodName("hey");
const offerOf = (name: string, ...supersedes: string[]): Behalf["capabilities"][number] => ({
  interface: parseInterfaceName(name),
  capability: parseCapabilityId("3".repeat(64)),
  ...supersedes.length === 0
    ? {}
    : { supersedes: supersedes.map((one) => parseCapabilityId(one.repeat(64))) },
});

Deno.test("behalfs that say what they supersede are read in their one form, or refused", () => {
  const behalf = draftBehalf({
    person,
    pod,
    endpoint: parseServerUrl("https://bob.example"),
    capabilities: [offerOf("a:b/c", "1", "2"), offerOf("a:b/d"), offerOf("a:b/e", "4")],
    podKey: parseFingerprint("B".repeat(40)),
    podCertificate: new Uint8Array(60).fill(7),
    serial: 3,
    issuedMs: Date.UTC(2026, 10, 23),
    expiresMs: Date.UTC(2027, 10, 23),
  });
  const over = draftBehalf({ ...behalf, capabilities: [], revoked: "compromised" });
  const texts = [formatBehalf(behalf), formatBehalf(over)];
  const refused = tryCases("behalf", ["damaged", "too-large"], (chance) => {
    const text = texts[chance.below(2)]!;
    const shuffled = text.split("\n").flatMap((line) => {
      const way = chance.below(30);
      return way === 0 ? [] : way === 1 ? [line, line] : [line];
    }).join("\n");
    const wrong = chance.below(2) === 0 ? shuffled : mutateText(text, chance);
    strictEqual(formatBehalf(parseBehalf(wrong)), wrong);
  });
  ok(refused > CASES / 4, `only ${refused} were refused`);
});

Deno.test("handles of open calls are read in their one form, or refused", () => {
  const handle = `${person}/${pod}/${"A".repeat(22)}`;
  deepStrictEqual(formatStreamHandle(parseStreamHandle(handle)), handle);
  const refused = tryCases("handle", ["invalid"], (chance) => {
    const wrong = mutateText(handle, chance);
    // A fingerprint may be in small letters, too.
    strictEqual(formatStreamHandle(parseStreamHandle(wrong)).toLowerCase(), wrong.toLowerCase());
  });
  ok(refused > CASES / 2, `only ${refused} were refused`);
});

const NAME = "a:b/c";
const type: FunctionType = { params: [["text", "string"]], result: null };
const id = hashFunction(NAME, "leave", type);
const functions = { leave: { id, type } };
const offer = { interface: NAME, capability: hashInterface(NAME, { leave: id }), functions };
const param = {
  name: "near",
  kind: "flag",
  type: { option: "string" },
  about: "Where.",
  optional: true,
  path: ["0"],
  complete: "places",
};
const verb = {
  name: "leave",
  method: "leave",
  field: "",
  about: "Leaves a letter.",
  params: [param, { ...param, name: "what", kind: "positional", type: "u8", optional: false }],
  rest: true,
  result: { stream: "u32" },
  remote: true,
  usage: "leave <what> [--near <place>]",
};
const WIT = `package a:b;

/** Letters. */
interface c {
  /// Leaves one.
  /// @param text what it says
  leave: func(text: string);
}
world pod { export c; }
`;
const manifest = {
  format: 1,
  world: "peri:pod/pod@0.1.0",
  name: "hey",
  version: "1.0.0",
  about: "Letters.",
  offers: [{ ...offer, supersedes: ["1".repeat(64), "2".repeat(64)] }],
  needs: [offer],
  wit: WIT,
  verbs: [verb],
};

Deno.test("manifests with verbs and WIT are read as they are, or refused", () => {
  const kinds = ["invalid", "too-large", "missing-implementation"];
  const read = (value: unknown) => readManifest(encodeUtf8(JSON.stringify(value)));
  const { format: _, world: __, ...whole } = manifest;
  deepStrictEqual(read(manifest), whole);
  const refused = tryCases("manifest", kinds, (chance) => {
    const wrong = mutateJson(manifest, chance);
    const found = read(wrong);
    // Nothing was added, left out or changed on the way.
    deepStrictEqual(
      { format: 1, world: manifest.world, ...found },
      JSON.parse(JSON.stringify(wrong)),
    );
    for (const one of [...found.offers, ...found.needs]) {
      for (const [name, { id, type }] of Object.entries(one.functions)) {
        strictEqual(hashFunction(one.interface, name, type as FunctionType), id);
      }
    }
  });
  ok(refused > CASES / 4, `only ${refused} were refused`);
});

Deno.test("manifests that are almost JSON are read or refused", () => {
  const text = JSON.stringify(manifest);
  tryCases("torn", ["invalid", "missing-implementation"], (chance) => {
    readManifest(mutate(encodeUtf8(text), chance));
  });
});

Deno.test("documentation of any text is read without breaking", () => {
  tryCases("docs", [], (chance) => {
    for (const docs of readDocs(mutateText(WIT, chance)).values()) ok(docs instanceof Map);
  });
});
