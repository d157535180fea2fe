/**
 * The villain as a component: its module as it stands, behind a manifest that is true.
 *
 * @module
 */

import { appendSection, componentizeModule } from "../../../pods/build/component.ts";
import { describeInterface } from "../../../wit/describe.ts";
import { resolveWorld } from "../../../wit/tree.ts";

const DEEDS = `package test:villain;

interface deeds {
  dare: func(what: string) -> option<string>;
}

world pod {
  export deeds;
}
`;

/** The component. Takes a second. */
export async function makeVillain(): Promise<Uint8Array> {
  const read = (path: string) => Deno.readTextFile(new URL(path, import.meta.url));
  const face = `${await read("../../../wit/face.wit")}\nworld pod {\n  export command;\n}\n`;
  const [deeds] = (await resolveWorld(DEEDS, "pod")).exports.map(describeInterface);
  const [command] = (await resolveWorld(face, "pod")).exports.map(describeInterface);
  const module = `const DEEDS = ${JSON.stringify(deeds)};\n${await read("villain.js")}`;
  const component = await componentizeModule(module);
  const manifest = {
    format: 1,
    world: "peri:pod/pod@0.1.0",
    name: "villain",
    version: "0.1.0",
    about: "Does what no pod should.",
    offers: [command, deeds],
    needs: [],
  };
  return appendSection(component, "peri:pod", new TextEncoder().encode(JSON.stringify(manifest)));
}
