/**
 * The interfaces of photos in TypeScript. Written by the build of peri, not by hand.
 *
 * @module
 */

// deno-fmt-ignore-file
import { Capability, type InterfaceShape, type u32, type u8 } from "../../../pods/sdk/mod.ts";

/** A photo by its name. */
export interface Photo { photo: string; bytes: u32 }

/** A part of a photo. */
export interface Piece { /** Fingerprint of the person whose photo it is. */ by: string; bytes: Uint8Array }

/** What somebody would like to have. */
export interface Wish { photo: string; /** Only friends with this in their names are asked. */ named: string; /** How far it may be away. */ hops: u8; /** Milliseconds until it is enough. */ waitMs: u32 }

/** Why a friend gave nothing. */
export type Why = "no-such-photo" | "no-answer" | "no-photos-pod" | "refused";

/** What came of asking one friend. */
export interface Came { friend: string; /** Under which name it is kept. */ photo?: string | undefined; bytes?: u32 | undefined; /** Whose it is. */ by?: string | undefined; why?: Why | undefined }

/** Photos, yours and those that friends have. */
export abstract class Photos extends Capability {
  /** What travels. */
  static readonly shape: InterfaceShape = {
    "interface": "pod:photos/photos",
    "capability": "696e9876d628780d46f5b7631ed7c56404079b09ad3d305b6ee366431099fc63",
    "functions": [
      {"name":"list","method":"list","functionId":"fb16527441b7412702cbb19e6a92240bc98aa68380ba191b500c38950f6ecec6","params":[],"result":{"stream":{"record":[["photo","string"],["bytes","u32"]]}}},
      {"name":"find","method":"find","functionId":"518b2ab7256e9739327a9232e04f2d3776a8fd85424c78cb28dfd56810acf331","params":[["photo","string"],["hops","u8"],["asked",{"list":"string"}]],"result":{"stream":{"record":[["by","string"],["bytes",{"list":"u8"}]]}}},
      {"name":"gather","method":"gather","functionId":"3e3484b5d6e02399be5112968061d043e6a33a1caad66fec9358139d6743e04c","params":[["wish",{"record":[["photo","string"],["named","string"],["hops","u8"],["wait-ms","u32"]]}]],"result":{"stream":{"record":[["friend","string"],["photo",{"option":"string"}],["bytes",{"option":"u32"}],["by",{"option":"string"}],["why",{"option":{"enum":["no-such-photo","no-answer","no-photos-pod","refused"]}}]]}}},
    ],
  };

  /** The photos of an album. */
  abstract list(): AsyncIterable<Photo>;

  /**
   * A photo in pieces, from this album or one that is not too far away; nothing when nobody has it.
   * @param hops how far it may be away
   * @param asked whom nobody needs to ask again
   */
  abstract find(photo: string, hops: u8, asked: Array<string>): AsyncIterable<Piece>;

  /** Asks friends for a photo and keeps what comes. Only its own person may have that done. */
  abstract gather(wish: Wish): AsyncIterable<Came>;
}
