/**
 * The interfaces of hey.wasm in TypeScript. Written by the build of peri, not by hand.
 *
 * @module
 */

// deno-fmt-ignore-file
import { Capability, type InterfaceShape } from "@peri/sdk";

/** Somebody with a name. */
export interface Acquaintance { person: string; name: string }

/** The people whom a person has given names: for the other pods of that person, and for nobody else. */
export abstract class People extends Capability {
  /** What travels. */
  static readonly shape: InterfaceShape = {
    "interface": "peri:hey/people",
    "capability": "4b99b9529865497b5fe3aefe333a971facb31008a2895618836fe631aaa4f7cc",
    "functions": [
      {"name":"all","method":"all","functionId":"7bd0fdefbb932778fa36b7f7472bd9f757731c0b2e1155f9353d573a592018f5","params":[],"result":{"stream":{"record":[["person","string"],["name","string"]]}}},
    ],
  };

  /** All of them, by name. Refused with `denied` when somebody else's pod asks. */
  abstract all(): AsyncIterable<Acquaintance>;
}
