/** `peri capability diff`. @module */

import { EXIT_CODES } from "../../../runtime/model/errors.ts";
import type { ShownInterface } from "../../../runtime/model/shown.ts";
import type { InterfaceChange } from "../../../runtime/mod.ts";
import { type Listed, readListed, readSource } from "../../capability/source.ts";
import { command } from "../../command.ts";
import { podNames } from "../../lookup.ts";
import { formatJsonLine, printable, printLine } from "../../output.ts";

/** A change with whom it concerns. */
interface Told extends InterfaceChange {
  readonly breaks: boolean;
  /** Pods of the person that need a function which is not as it was. */
  readonly pods: readonly string[];
  /** The interface afterwards that says it stands in the place of this one. */
  readonly supersededBy?: string;
}

export default command({
  about: "Tell what an edit of an interface breaks, and for whom",
  details: `The first is how it was, the second how it is. Exit code ` +
    `${EXIT_CODES["missing-implementation"]} when callers that were built for the first cannot ` +
    "call a function of the second; 0 when they can call all of them.",
  json: true,
  arguments: [
    {
      name: "before",
      about: "A pod of yours, or a file: birds.wasm, birds.wit",
      complete: podNames,
    },
    { name: "after", about: "Another one", complete: podNames },
  ],
  async run(context, flags, before, after) {
    const [was, is] = [await readSource(context, before!), await readSource(context, after!)];
    const listed = await readListed(context);
    const { diffShown, isBreaking } = await import("../../../runtime/mod.ts");
    const told = diffShown(was, is).map((change): Told => ({
      ...change,
      breaks: isBreaking(change),
      pods: podsOf(change, was, listed),
      ...supersededBy(change, is),
    }));
    const { stdout } = context.streams;
    for (const one of told) {
      const lines = flags.json ? [formatJsonLine(one)] : linesOf(one, shortName(before!));
      for (const line of lines) await printLine(stdout, line);
    }
    return told.some(({ breaks }) => breaks) ? EXIT_CODES["missing-implementation"] : 0;
  },
});

/** Pods that need a function as it was. */
function podsOf(
  { interface: name, functions }: InterfaceChange,
  was: readonly ShownInterface[],
  listed: readonly Listed[],
): string[] {
  const before = was.find((one) => one.interface === name)?.functions ?? [];
  const broken = before.filter((one) =>
    functions.some(({ function: called, kind }) => called === one.name && kind !== "added")
  );
  const pods = listed.filter((one) =>
    one.interface === name && broken.some(({ name, id }) => one.functions[name] === id)
  ).flatMap(({ neededBy }) => neededBy);
  return [...new Set(pods)].sort();
}

function supersededBy(
  { before }: InterfaceChange,
  is: readonly ShownInterface[],
): { supersededBy?: string } {
  const newer = before && is.find(({ supersedes }) => supersedes.includes(before));
  return newer ? { supersededBy: newer.interface } : {};
}

function linesOf(
  { interface: name, before, after, functions, pods, supersededBy }: Told,
  beforeName: string,
): string[] {
  const lines = functions.map((change) => {
    if (change.kind === "added") return `${change.function} is new`;
    const who = `callers built for ${beforeName}`;
    return `${who} cannot call ${change.function}: ${change.reasons.join("; ")}`;
  });
  const state = before === after
    ? "the same capability"
    : before === undefined
    ? "a new interface"
    : lines.length === functions.filter(({ kind }) => kind === "added").length
    ? "another capability, and whoever was built for the first can call the second"
    : after === undefined
    ? "the interface is gone"
    : "another capability";
  return [
    `${name}: ${state}`,
    ...lines.map((line) => `  ${line}`),
    ...supersededBy === undefined ? [] : [`  ${supersededBy} supersedes it`],
    ...pods.length === 0 ? [] : [`  of your pods this breaks ${pods.join(", ")}`],
  ].map(printable);
}

/** A file without its folder. */
function shortName(word: string): string {
  return word.replace(/^.*\/(?=.)/, "");
}
