/** `peri capability show`. @module */

import type { JsonRecord } from "../../../runtime/model/control.ts";
import type { ShownInterface } from "../../../runtime/model/shown.ts";
import { type Listed, readListed, readSource } from "../../capability/source.ts";
import { command } from "../../command.ts";
import { podNames } from "../../lookup.ts";
import { formatFields, formatJsonLine, printable, printLine } from "../../output.ts";

export default command({
  about: "Show what a pod, a component or a WIT file offers",
  details: "Each interface as WIT, with its fingerprint, the hash of each function, and which of " +
    "your pods offer and need it. Without a running server a file is shown without your pods.",
  json: true,
  arguments: [{
    name: "pod|file",
    about: "A pod of yours, or a file: birds.wasm, birds.wit",
    complete: podNames,
  }],
  async run(context, flags, word) {
    const shown = await readSource(context, word!);
    const listed = await readListed(context);
    const { stdout } = context.streams;
    for (const [at, one] of shown.entries()) {
      const record = { ...one, ...podsOf(one, listed) };
      if (flags.json) await printLine(stdout, formatJsonLine(record));
      else await printLine(stdout, (at > 0 ? "\n" : "") + linesOf(record).join("\n"));
    }
    return 0;
  },
});

type Pods = Pick<Listed, "offeredBy" | "neededBy">;

/** Pods that offer this very capability, and those that need a function of it. */
function podsOf(
  { interface: name, capability, functions }: ShownInterface,
  listed: readonly Listed[],
): Pods {
  const offeredBy = listed.filter((one) => one.capability === capability)
    .flatMap((one) => one.offeredBy);
  const neededBy = listed.filter((one) =>
    one.interface === name && functions.some(({ name, id }) => one.functions[name] === id)
  ).flatMap((one) => one.neededBy);
  return { offeredBy: sorted(offeredBy), neededBy: sorted(neededBy) };
}

function sorted(names: readonly string[]): string[] {
  return [...new Set(names)].sort();
}

function linesOf({ wit, functions, ...one }: ShownInterface & Pods): string[] {
  const head: JsonRecord = {
    interface: one.interface,
    capability: one.capability,
    supersedes: one.supersedes,
    offeredBy: one.offeredBy,
    neededBy: one.neededBy,
  };
  const hashes = Object.fromEntries(functions.map(({ name, id }) => [name, id]));
  return [
    ...formatFields(head),
    "",
    ...wit.trimEnd().split("\n").map(printable),
    "",
    ...formatFields({ functionHashes: hashes }),
  ];
}
