/**
 * The interfaces of hey.wit in TypeScript. Written by the build of peri, not by hand.
 *
 * @module
 */

// deno-fmt-ignore-file
import { Capability, type InterfaceShape } from "../sdk/mod.ts";

/** A letter as its sender wrote it. */
export interface Letter { /** Chosen by the sender and unique among the sender's letters; answers name it. */ id: string; /** Plain text, 1 byte to 16 KiB as UTF-8. */ text: string; /** The `id` of the letter this one answers, which the recipient of this one has sent. */ inReplyTo?: string | undefined }

/** The recipient's pod has the letter. */
export interface Receipt { /** Milliseconds since 1970 UTC by the recipient's clock. */ receivedMs: number }

/** Somebody with a name. */
export interface Acquaintance { /** OpenPGP fingerprint, upper-case hex. */ person: string; name: string }

/** The names a person gives to people. */
export abstract class Petnames extends Capability {
  /** What travels. */
  static readonly shape: InterfaceShape = {
    "interface": "peri:face/petnames",
    "capability": "675fefacd49b8cfde762fc397265ef53cc8cc3752a27d3085f409728825e77aa",
    "functions": [
      {"name":"person-of","method":"personOf","functionId":"b23c8efb7d39cba623b586379049f1de3b489b76f20883e4cf654d1d562fa4eb","params":[["name","string"]],"result":{"option":"string"}},
      {"name":"set-name","method":"setName","functionId":"1e202e1cef3e5f91ae0bcddb875bc839db3efc51cdfd1f3bba5edb9338767651","params":[["name","string"],["person","string"]],"result":null},
      {"name":"name-of","method":"nameOf","functionId":"f0b8e3dc6ce0a8a2ea5adb2449d11314d7f50d43e164cb0253b8ae593cea6090","params":[["person","string"]],"result":{"option":"string"}},
    ],
  };

  /** The person of a name; OpenPGP fingerprint in upper-case hex. */
  abstract personOf(name: string): Promise<string | undefined>;

  /** Gives a name to a person; an existing name is replaced. */
  abstract setName(name: string, person: string): Promise<void>;

  /** The name of a person. */
  abstract nameOf(person: string): Promise<string | undefined>;
}

/** Letters from person to person. */
export abstract class Mail extends Capability {
  /** What travels. */
  static readonly shape: InterfaceShape = {
    "interface": "peri:hey/mail",
    "capability": "ffdc3ce1104675164a0dce5a26d8283e52bdc98886f11cb86858c7415234ed18",
    "functions": [
      {"name":"leave","method":"leave","functionId":"5ee9d1dac0539962dda2f5a1c5338874ca331b74dfdd56ad00c2524e01686864","params":[["letter",{"record":[["id","string"],["text","string"],["in-reply-to",{"option":"string"}]]}]],"result":{"record":[["received-ms","f64"]]}},
    ],
  };

  /** Leaves a letter. Refused with `too-large` over 16 KiB and `invalid` without text. */
  abstract leave(letter: Letter): Promise<Receipt>;
}

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
