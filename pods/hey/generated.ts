/**
 * The interfaces of hey.wit in TypeScript. Written by the build of peri, not by hand.
 *
 * @module
 */

// deno-fmt-ignore-file
import { Capability, type InterfaceShape, type u16, type u32, type u8 } from "../sdk/mod.ts";

/** What there is to paint on. */
export interface Seat { columns: u16; rows: u16; /** How many colours it has: 0, 16, 256 or 16777216. The periphery shows those that it has not by the nearest that it has. */ colours: u32 }

/** What has happened. */
export type Input = { /** Somebody has come with these words, without the pod's name: `ssh -t hey@host alice`. */ tag: "open"; val: Array<string> } | { /** A key that is no text: `enter`, `up`, `page-down`, `ctrl-a`, `alt-b`, `shift-tab`, `f1`. */ tag: "key"; val: string } | { /** What was typed. */ tag: "text"; val: string } | { /** What was pasted, with its lines. */ tag: "paste"; val: string } | { /** The seat has changed. */ tag: "resize" } | { /** The pod's tables may have changed. */ tag: "refresh" };

/** `colour` of `peri:face/terminal`. */
export type Colour = { /** One of the terminal's own: 0 to 15, then those that all terminals of 256 colours have. */ tag: "palette"; val: u8 } | { /** Red, green and blue. */ tag: "rgb"; val: [u8, u8, u8] };

/** `marks` of `peri:face/terminal`. */
export type Marks = Set<"bold" | "faint" | "italic" | "underline" | "reverse">;

/** `style` of `peri:face/terminal`. */
export interface Style { ink?: Colour | undefined; paper?: Colour | undefined; marks: Marks }

/** Text on one line. What could command a terminal is left out of it, whoever wrote it. */
export interface Span { text: string; /** Its place among the styles of its frame. */ style: u8 }

/** `place` of `peri:face/terminal`. */
export interface Place { column: u16; row: u16 }

/** A whole screen, from its top; what is over the seat is not shown. */
export interface Frame { styles: Array<Style>; lines: Array<Array<Span>>; /** Where text is typed; none: nowhere. */ cursor?: Place | undefined; /** What the pod wants to be told again with the next call: where the person is. At most 16 KiB. */ view: string; /** The person goes, with this exit code; nothing is painted any more. */ exit?: u8 | undefined }

/** Somebody asks the person to vouch for a new key. */
export interface Petition { /** The key that is lost or stolen, OpenPGP fingerprint in upper-case hex. */ from: string; /** The new key. */ to: string; /** Whose letter it was. */ askedBy: string; receivedMs: number; /** Why the answer to it did not come there, if there was one. */ why?: string | undefined }

/** A friend who was asked. */
export interface Friend { person: string; /** `waiting`, `asked`, `answered`, or why the letter failed. */ fate: string }

/** Somebody whom the caller knows. That it comes from the caller is what its envelope proves. */
export interface Introduction { /** OpenPGP fingerprint, upper-case hex. */ person: string; /** What the caller calls them, 1 to 40 letters, digits, dots, - and _: a suggestion. */ name: string; /** Why they should meet, at most 500 characters. */ note?: string | undefined; /** Their introduction in CBOR (docs/PROTOCOL.md, "Behalfs") with the behalf of their hey pod, at most 24 KiB; none when the caller does not know it. */ behalf?: Uint8Array | undefined }

/** A letter as its sender wrote it. */
export interface Letter { /** Chosen by the sender and unique among the sender's letters; answers name it. */ id: string; /** Plain text, 1 byte to 16 KiB as UTF-8. */ text: string; /** The `id` of the letter this one answers, which the recipient of this one has sent. */ inReplyTo?: string | undefined }

/** The recipient's pod has the letter. */
export interface Receipt { /** Milliseconds since 1970 UTC by the recipient's clock. */ receivedMs: number }

/** Somebody with a name. */
export interface Acquaintance { /** OpenPGP fingerprint, upper-case hex. */ person: string; name: string }

/** `profile` of `peri:hey/profiles`. */
export interface Profile { name?: string | undefined; about?: string | undefined; links: Array<string> }

/** `message` of `peri:hey/space`. */
export interface Message { /** Names it in this space; rises. */ n: u32; /** OpenPGP fingerprint of who wrote it, upper-case hex. */ author: string; /** Milliseconds since 1970 UTC by the clock of the space. */ writtenMs: number; text: string }

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

/** What a person has signed of others' keys, and what they took back. */
export abstract class Signing extends Capability {
  /** What travels. */
  static readonly shape: InterfaceShape = {
    "interface": "peri:face/signing",
    "capability": "765ee9b2b8e256d09a1e7543b6a14da4e31a37b38f9924c2efb4ff7378a70590",
    "functions": [
      {"name":"signed","method":"signed","functionId":"203ac1540369ed1c8c99b62b090e4b30fd214a418bb7f4dbf6a0d1a9418ced45","params":[],"result":null},
    ],
  };

  /** Some of it is new: those who may know are to be told. */
  abstract signed(): Promise<void>;
}

/**
 * A person's terminal, screen by screen. The periphery has the terminal: it reads keys, remembers
 * where the person is, paints what has changed and leaves everything as it was, whatever becomes of
 * the pod. The pod keeps nothing between two calls, so it may sleep while somebody looks at it.
 */
export abstract class Terminal extends Capability {
  /** What travels. */
  static readonly shape: InterfaceShape = {
    "interface": "peri:face/terminal",
    "capability": "3c8f8395854e09a5f7beb32e62080d871910eb5210385cc267becc99d82ce365",
    "functions": [
      {"name":"show","method":"show","functionId":"db2e8e20a4d9bc837f4c67cc08499906c5cf6a91ec13a2e58a9dffbf7f8d90c5","params":[["seat",{"record":[["columns","u16"],["rows","u16"],["colours","u32"]]}],["view","string"],["inputs",{"list":{"variant":[["open",{"list":"string"}],["key","string"],["text","string"],["paste","string"],["resize",null],["refresh",null]]}}]],"result":{"record":[["styles",{"list":{"record":[["ink",{"option":{"variant":[["palette","u8"],["rgb",{"tuple":["u8","u8","u8"]}]]}}],["paper",{"option":{"variant":[["palette","u8"],["rgb",{"tuple":["u8","u8","u8"]}]]}}],["marks",{"flags":["bold","faint","italic","underline","reverse"]}]]}}],["lines",{"list":{"list":{"record":[["text","string"],["style","u8"]]}}}],["cursor",{"option":{"record":[["column","u16"],["row","u16"]]}}],["view","string"],["exit",{"option":"u8"}]]}},
    ],
  };

  /**
   * Takes what has happened since the last call, in order, and shows what there is then. `view` is
   * that of the last frame, empty at first; another version of the pod may have made it.
   */
  abstract show(seat: Seat, view: string, inputs: Array<Input>): Promise<Frame>;
}

/** Friends who vouch for each other's new keys, by letter. */
export abstract class Vouching extends Capability {
  /** What travels. */
  static readonly shape: InterfaceShape = {
    "interface": "peri:face/vouching",
    "capability": "6f4eeaf7db1a9e84ed9435fb9677730cec8ade514becaa2d2938cb76adcd7212",
    "functions": [
      {"name":"ask","method":"ask","functionId":"1f2269217d50880498788e459e0f76bb0edec16db69a582fe7dc6f377470cb90","params":[["from","string"],["to","string"],["lineage",{"list":"u8"}],["friends",{"list":"string"}]],"result":null},
      {"name":"asked","method":"asked","functionId":"9aabe16bb6f848a8d38b363f13654245328c4ff9d784621ccf6e2af2a2ffbaa3","params":[["from","string"],["to","string"]],"result":{"list":{"record":[["person","string"],["fate","string"]]}}},
      {"name":"answered","method":"answered","functionId":"18b2c0571398dec533935bcd2e5666f445bbd3700264709cb225f468d8c6e50d","params":[["from","string"],["to","string"],["friend","string"]],"result":{"option":{"list":"u8"}}},
      {"name":"waiting","method":"waiting","functionId":"04e4ca46319e2d30b3e9747aab8a7fe43dd949f640b61d0d5bb11f96a727d0ba","params":[],"result":{"list":{"record":[["from","string"],["to","string"],["asked-by","string"],["received-ms","f64"],["why",{"option":"string"}]]}}},
      {"name":"lineage","method":"lineage","functionId":"899d8fbaa1c65b12fb895a301a726561f70eaf489f99fa07a829043f143fb309","params":[["from","string"],["to","string"]],"result":{"option":{"list":"u8"}}},
      {"name":"answer","method":"answer","functionId":"e6b4e61c9bdc95ea4c5a79b8f83ec06440f1c02227cc212337ff6f956d7c9d8e","params":[["from","string"],["to","string"],["lineage",{"option":{"list":"u8"}}]],"result":null},
    ],
  };

  /** Asks friends to vouch. Refused with `too-large` for a lineage over 32 KiB. */
  abstract ask(from: string, to: string, lineage: Uint8Array, friends: Array<string>): Promise<void>;

  /** Who was asked, and what became of it; nobody when nobody was. */
  abstract asked(from: string, to: string): Promise<Array<Friend>>;

  /** What a friend has answered: the lineage, signed by them. */
  abstract answered(from: string, to: string, friend: string): Promise<Uint8Array | undefined>;

  /** Petitions that wait, the oldest first. */
  abstract waiting(): Promise<Array<Petition>>;

  /** The lineage of a petition. */
  abstract lineage(from: string, to: string): Promise<Uint8Array | undefined>;

  /**
   * Answers a petition with the lineage that the person has signed; without one it is let go of, and
   * nobody is told.
   */
  abstract answer(from: string, to: string, lineage?: Uint8Array): Promise<void>;
}

/** People who introduce people: "meet Carol". */
export abstract class Introductions extends Capability {
  /** What travels. */
  static readonly shape: InterfaceShape = {
    "interface": "peri:hey/introductions",
    "capability": "984af81ca939250a647f7ec1cfde930167c9e2350d2de2db1bd3650e5bea760e",
    "functions": [
      {"name":"introduce","method":"introduce","functionId":"21e1c03a31ea437c50e102bfd8daf06541ed06ada3ee44ab0d1e3e33c9f645ed","params":[["introduction",{"record":[["person","string"],["name","string"],["note",{"option":"string"}],["behalf",{"option":{"list":"u8"}}]]}]],"result":null},
    ],
  };

  /**
   * Keeps an introduction until the person decides. Refused with `denied`, and with `over-quota`
   * when many wait.
   */
  abstract introduce(introduction: Introduction): Promise<void>;
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

/** Friends who are asked to vouch for somebody's next key (docs/PROTOCOL.md, "Succession"). */
export abstract class Petitions extends Capability {
  /** What travels. */
  static readonly shape: InterfaceShape = {
    "interface": "peri:hey/petitions",
    "capability": "5e0fbf79607da74e9e14c7ad998285548ef50d940567708aca8019d4a31b9c06",
    "functions": [
      {"name":"ask","method":"ask","functionId":"d2a4ecf71d2c95097fd1caf402fb9fc8efba025d13470437bd828184fd9945b5","params":[["lineage",{"list":"u8"}]],"result":null},
      {"name":"answer","method":"answer","functionId":"a0952168c4f65e6fceeeaa82259675f3b4d6aee7409a2d0ff6fccb97f064439d","params":[["lineage",{"list":"u8"}]],"result":null},
    ],
  };

  /**
   * Asks, with a lineage in CBOR of at most 32 KiB whose succession by friends the successor alone has
   * signed, or some friends too. Whoever calls is the old key or the successor. Refused with `denied`,
   * `too-large`, and `over-quota` when many wait.
   */
  abstract ask(lineage: Uint8Array): Promise<void>;

  /**
   * Answers, with the same lineage signed by the one who calls. Refused with `denied` when they were
   * not asked.
   */
  abstract answer(lineage: Uint8Array): Promise<void>;
}

/** What somebody says of themselves, as far as the caller may see it. */
export abstract class Profiles extends Capability {
  /** What travels. */
  static readonly shape: InterfaceShape = {
    "interface": "peri:hey/profiles",
    "capability": "db1c9e137bf4d05e843b9476e5636dd08b213d94eccd0be298657880392e4654",
    "functions": [
      {"name":"show","method":"show","functionId":"c741524ff4e1ee7a6f3792a45522d3489a69bd8b53013a344f30e4d83787d782","params":[],"result":{"record":[["name",{"option":"string"}],["about",{"option":"string"}],["links",{"list":"string"}]]}},
    ],
  };

  /** `show`. */
  abstract show(): Promise<Profile>;
}

/** Signatures of keys (OpenPGP certifications) on their way. */
export abstract class Signatures extends Capability {
  /** What travels. */
  static readonly shape: InterfaceShape = {
    "interface": "peri:hey/signatures",
    "capability": "97c637441d601a9d9b2b3d8853ffc8d35b1bf12f47edc5868052159674a8ee9c",
    "functions": [
      {"name":"certifications","method":"certifications","functionId":"e24f1c2de17bd28f18a66773fa0390d2c0e02c34a98a2bc4b0c45da65b4a129c","params":[],"result":{"stream":{"list":"u8"}}},
      {"name":"certified","method":"certified","functionId":"f7f21f2725d9ce3da00c7194f8cc8c393ed934eb4727caf54204f48aaded2027","params":[["certification",{"list":"u8"}]],"result":null},
    ],
  };

  /**
   * Those that the person has made, binary, the keys of their subjects not among them. Refused with
   * `denied`.
   */
  abstract certifications(): AsyncIterable<Uint8Array>;

  /** Gives a signature of the person's key, or of somebody they know; it is checked and kept. */
  abstract certified(certification: Uint8Array): Promise<void>;
}

/** What friends write for each other in somebody's space, as in a friend book. */
export abstract class Space extends Capability {
  /** What travels. */
  static readonly shape: InterfaceShape = {
    "interface": "peri:hey/space",
    "capability": "01cde2fbe334ad206e57e3e0efe66e34da4d6c6008fb77b76212f9b3dda7bd1e",
    "functions": [
      {"name":"write","method":"write","functionId":"a9b0275ffb888fc5089cd61098bc46c5abf0b2e544fb6f8b2e04a73403425102","params":[["text","string"]],"result":"u32"},
      {"name":"messages","method":"messages","functionId":"d1bc76d96db76ec73d9e6f66876405b754b370b0b13ac32e661af6058466b6de","params":[["before",{"option":"u32"}]],"result":{"stream":{"record":[["n","u32"],["author","string"],["written-ms","f64"],["text","string"]]}}},
      {"name":"erase","method":"erase","functionId":"cf43e248424ae389d4a329e87e34e3b53a73e3332e966fe89acad168e74782fc","params":[["n","u32"]],"result":null},
    ],
  };

  /** Writes a message of 1 to 2,000 characters; its number. Refused with `denied` for who may not. */
  abstract write(text: string): Promise<u32>;

  /** The newest messages first, at most 100, of those below `before`. Refused with `denied`. */
  abstract messages(before?: u32): AsyncIterable<Message>;

  /** Takes a message of the caller back. Refused with `not-found` for one of somebody else. */
  abstract erase(n: u32): Promise<void>;
}
