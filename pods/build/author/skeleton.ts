/**
 * What an author fills in when a pod begins with WIT: a class for each interface that it exports.
 *
 * @module
 */

/** A generated class: its name, its interface, and its methods without bodies. */
interface Generated {
  readonly name: string;
  of: string;
  readonly methods: { readonly name: string; readonly signature: string }[];
}

const CLASS = /^export abstract class (\w+) extends Capability \{$/;
const INTERFACE = /^ {4}"interface": "(.*)",$/;
const METHOD = /^ {2}abstract ((\w+)\(.*);$/;
const NAMED = /^export (?:interface|type|class) (\w+)/gm;
const SCALARS = ["char", "f32", "s16", "s32", "s64", "s8", "u16", "u32", "u64", "u8", "Result"];

/**
 * The text of `pod.ts` for generated classes.
 *
 * @param generated the text of `generated.ts`
 * @param exported names of the interfaces that the pod offers
 * @param wit name of the WIT file
 */
export function skeletonText(
  className: string,
  generated: string,
  exported: readonly string[],
  wit: string,
): string {
  const classes = readClasses(generated).filter((one) => exported.includes(one.of));
  const body = classes.flatMap(({ name, methods }) => [
    `/** See ${wit}. */`,
    `class ${ownName(name, className)} extends ${name} {`,
    methods.map(({ name, signature }) =>
      `  override ${signature} {\n    throw notYet(${JSON.stringify(name)});\n  }\n`
    ).join("\n") + "}",
    "",
  ]).join("\n");
  const types = [...generated.matchAll(NAMED)].map(([, name]) => name!)
    .filter((name) => uses(body, name)).map((name) => `type ${name}`);
  const scalars = SCALARS.filter((name) => uses(body, name)).map((name) => `type ${name}`);
  const ours = [...classes.map(({ name }) => name), ...types];
  return `import { ${["Pod", "Refusal", ...scalars].join(", ")} } from "@peri/sdk";
import { ${ours.join(", ")} } from "./generated.ts";

${body}
/** What ${wit} says, for one person. */
export default class ${className} extends Pod {
${classes.map(({ name }) => fieldText(name, className)).join("\n")}
}

function notYet(op: string): Refusal {
  return new Refusal("missing-implementation", { op, subject: "nobody has written it yet" });
}
`;
}

function readClasses(generated: string): Generated[] {
  const classes: Generated[] = [];
  for (const line of generated.split("\n")) {
    const [, name] = CLASS.exec(line) ?? [];
    if (name !== undefined) classes.push({ name, of: "", methods: [] });
    const [, of] = INTERFACE.exec(line) ?? [];
    if (of !== undefined) classes.at(-1)!.of = of;
    const [, signature, method] = METHOD.exec(line) ?? [];
    if (signature !== undefined) classes.at(-1)?.methods.push({ name: method!, signature });
  }
  return classes;
}

function fieldText(name: string, className: string): string {
  const field = name.charAt(0).toLowerCase() + name.slice(1);
  return `  readonly ${field} = new ${ownName(name, className)}(this);`;
}

/** The class that the author fills in. */
function ownName(name: string, className: string): string {
  return `My${name}` === className ? `Own${name}` : `My${name}`;
}

function uses(text: string, name: string): boolean {
  return new RegExp(`\\b${name}\\b`).test(text);
}
