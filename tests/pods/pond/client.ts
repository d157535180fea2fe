/**
 * The interfaces of pond in TypeScript. Written by the build of peri, not by hand.
 *
 * @module
 */

// deno-fmt-ignore-file
import { Capability, type InterfaceShape, TypedError, type u32 } from "../../../pods/sdk/mod.ts";

/** Something that was seen. */
export interface Sighting { what: string; count: u32; note?: string | undefined }

/** Nothing of that name swims here. */
export class NoSuchThing extends TypedError<{ what: string }> {}

/** What swims in a pond. */
export abstract class Pond extends Capability {
  /** What travels. */
  static readonly shape: InterfaceShape = {
    "interface": "pod:pond/pond",
    "capability": "55f89326ff0cf9dd08467101c2fc66abfa8f25c0616a149edcc009e8c4e657c6",
    "functions": [
      {"name":"report","method":"report","functionId":"51077d76f3b0a02e6b9a51a578eac2e0acc8335643a712996866fe2b27dbe467","params":[["sighting",{"record":[["what","string"],["count","u32"],["note",{"option":"string"}]]}]],"result":"u32"},
      {"name":"count","method":"count","functionId":"1a2b6e842509f8b47fe2a068e8bf616c9222dc4496365bb4ac0879f7a3e87931","params":[],"result":"u32"},
      {"name":"sightings","method":"sightings","functionId":"c32fdac3d5ac5027a3ceebb185baceef4ca88c954a8937d3c92f84784681d5b7","params":[["least",{"option":"u32"}]],"result":{"stream":{"record":[["what","string"],["count","u32"],["note",{"option":"string"}]]}}},
      {"name":"of","method":"of","functionId":"593906fec8f796fe63e8bddb08a98ec47eec17499cf6d5dc05b5ff9b8f5dfbfc","params":[["what","string"]],"result":{"result":["u32",{"variant":[["no-such-thing",{"record":[["what","string"]]}]]}]},"errors":[["no-such-thing","NoSuchThing"]]},
      {"name":"total","method":"total","functionId":"66f46414ab988b086c6ed8b35135780d78723fbcb3f30b348d689e62b0902474","params":[["people",{"list":"string"}]],"result":"u32"},
    ],
  };

  /** What is thrown. */
  static readonly errors = { NoSuchThing };

  /**
   * Tells of something that swims here; gives how many are known now.
   * @param sighting what was seen
   */
  abstract report(sighting: Sighting): Promise<u32>;

  /** How many kinds are known. */
  abstract count(): Promise<u32>;

  /**
   * Everything that was seen.
   * @param least only what there is so much of
   */
  abstract sightings(least?: u32): AsyncIterable<Sighting>;

  /**
   * How many there are of one kind.
   * @throws {NoSuchThing} when nobody saw it
   */
  abstract of(what: string): Promise<u32>;

  /** How many kinds several people know, together. */
  abstract total(people: Array<string>): Promise<u32>;
}
