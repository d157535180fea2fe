/**
 * The interfaces of tally in TypeScript. Written by the build of peri, not by hand.
 *
 * @module
 */

// deno-fmt-ignore-file
import { Capability, type InterfaceShape, TypedError, type u32 } from "../../../pods/sdk/mod.ts";

/** Something that was counted. */
export interface Mark { label: string; weight: u32 }

/** A tally has an end. */
export class TooMany extends TypedError<{ most: u32 }> {}

/** Counts. */
export abstract class Tally extends Capability {
  /** What travels. */
  static readonly shape: InterfaceShape = {
    "interface": "pod:tally/tally",
    "capability": "66aefe02e575d72dd97b4a2ec5fcdfe3a4b4d612d46ff7f3d81e44c9b516fce0",
    "functions": [
      {"name":"add","method":"add","functionId":"86e0f0e91de5c34a49b166e71b70f402953e0d7ca7a834e491edb36a456e7f7c","params":[["label","string"],["weight",{"option":"u32"}]],"result":{"result":["u32",{"variant":[["too-many",{"record":[["most","u32"]]}]]}]},"errors":[["too-many","TooMany"]]},
      {"name":"entitle","method":"entitle","functionId":"1e8ed6b978d5de93dac3dd3c0adb7e279d80631fdb689cd4fd9891cb4838f10e","params":[["title","string"]],"result":null},
      {"name":"about","method":"about","functionId":"ded25f47bd852fa6524703a5ee72efc5559f45908e1fe54512bb0a5526b3c49c","params":[],"result":"string"},
      {"name":"heaviest","method":"heaviest","functionId":"ede3286109a5d11bacdc23346e33c69fbf74a8884330daf428c3505b2be83cb4","params":[["limit",{"option":"u32"}]],"result":{"list":{"record":[["label","string"],["weight","u32"]]}}},
      {"name":"labelled","method":"labelled","functionId":"1b4e31da5a1afb8e1b2ce636e4722a69bd4fb4f3d51b2727d607d79ff50c6d16","params":[["label","string"]],"result":"u32"},
      {"name":"together","method":"together","functionId":"ac1a1a2ba47c16e2a05326e1178533a4e184cd865210394e77a2acb3b99f9d82","params":[["friend","string"],["label","string"]],"result":{"list":"u32"}},
    ],
  };

  /** What is thrown. */
  static readonly errors = { TooMany };

  /**
   * Counts something; gives how many there are.
   * @throws {TooMany} when there is no room
   */
  abstract add(label: string, weight?: u32): Promise<u32>;

  /** Gives it a title. */
  abstract entitle(title: string): Promise<void>;

  /** What it is called, what it has labels for and what came last. */
  abstract about(): Promise<string>;

  /** The heaviest first. */
  abstract heaviest(limit?: u32): Promise<Array<Mark>>;

  /** How many have a label. */
  abstract labelled(label: string): Promise<u32>;

  /** Counts here and at a friend's; gives how many there were here before and after. */
  abstract together(friend: string, label: string): Promise<Array<u32>>;
}
