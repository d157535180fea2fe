/**
 * A pod with 40 functions whose types are deep.
 *
 * @module
 */

import { ROOT } from "../../../pods/build/author/config.ts";

/** Functions of the pod. */
export const FUNCTIONS = 40;

/** What each of them takes and gives back. */
export const VALUE = {
  name: "a pond",
  places: [{ at: [1.5, 2.5], tags: ["wet", "green"], depth: 3 }, { at: [0, 1], tags: [] }],
  kind: { tag: "big", val: { of: "water", since: 1_900 } },
  mood: "calm",
};

/** Writes the pod's folder and gives its path. */
export async function writeLarge(folder: string): Promise<string> {
  await Deno.mkdir(folder);
  const about = { name: "large", version: "0.1.0", about: "Has many functions." };
  const config = { imports: { "@peri/sdk": `${ROOT}/pods/sdk/mod.ts` } };
  await Deno.writeTextFile(`${folder}/pod.json`, JSON.stringify(about));
  await Deno.writeTextFile(`${folder}/deno.json`, JSON.stringify(config));
  await Deno.writeTextFile(`${folder}/pod.ts`, textOf());
  return folder;
}

function textOf(): string {
  const numbers = Array.from({ length: FUNCTIONS }, (_, number) => number);
  return `import { Pod, type u32 } from "@peri/sdk";
${numbers.map(typesOf).join("")}
/** Has many functions. */
export default class Large extends Pod {
${numbers.map(methodOf).join("")}}
`;
}

function typesOf(number: number): string {
  return `
export interface Place${number} { at: [number, number]; tags: string[]; depth?: u32 }
export interface Water${number} { of: string; since: u32 }
export type Kind${number} = { tag: "big"; val: Water${number} } | { tag: "small" };
export interface Pond${number} {
  name: string;
  places: Place${number}[];
  kind: Kind${number};
  mood: "calm" | "wild";
}
`;
}

function methodOf(number: number): string {
  return `
  /** Gives it back. @param pond what there is */
  async turn${number}(pond: Pond${number}): Promise<Pond${number}> { return await Promise.resolve(pond); }
`;
}
