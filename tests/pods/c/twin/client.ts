/**
 * The interfaces of birds in TypeScript. Written by the build of peri, not by hand.
 *
 * @module
 */

// deno-fmt-ignore-file
import { Capability, type InterfaceShape, type u32, type u64 } from "../../../../pods/sdk/mod.ts";

/** So many at a place. */
export interface Seen { place: string; count: u32 }

/** Birds that people have seen. */
export abstract class Sightings extends Capability {
  /** What travels. */
  static readonly shape: InterfaceShape = {
    "interface": "test:nest/sightings",
    "capability": "ff0b25e21398c32a3203faad2da414b5f0c5ecd8026e47de1630e61953d67e67",
    "functions": [
      {"name":"report","method":"report","functionId":"fef2288acd4821ebd63c561302a5fcc9b33a0c6449e405401eb1aaa6c7c7b829","params":[["sighting",{"record":[["place","string"],["count","u32"]]}]],"result":"u32"},
      {"name":"total","method":"total","functionId":"772530cbde277f072ffa0ad9aba9fcd65b1a6e800fdca2bd44ab93e100fe2211","params":[],"result":"u64"},
      {"name":"places","method":"places","functionId":"024ec699d2b8e0102fc536a8fc095a7730e3d41083babadbb1fe10677e30224d","params":[],"result":{"stream":{"record":[["place","string"],["count","u32"]]}}},
    ],
  };

  /** Tells of a sighting; how many of all were seen there by now. */
  abstract report(sighting: Seen): Promise<u32>;

  /** How many were seen at all places. */
  abstract total(): Promise<u64>;

  /** The first hundred places with what was seen there, in order of name. */
  abstract places(): AsyncIterable<Seen>;
}
