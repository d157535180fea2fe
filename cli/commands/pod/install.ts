/** `peri pod install`. @module */

import { PeriError } from "../../../runtime/model/errors.ts";
import { MAX_COMPONENT_BYTES } from "../../../runtime/model/limits.ts";
import { command, text, toggle } from "../../command.ts";
import type { Context } from "../../context.ts";
import { control } from "../../control.ts";
import { formatTime, formatValue, Report } from "../../output.ts";
import { findWord } from "../../words.ts";

export default command({
  about: "Install a pod, or bring in its new version",
  details: "Shows what the pod may do in your name and asks you to sign it. The periphery gets " +
    "the signature, never your key.",
  json: true,
  flags: {
    as: text("name", "Call it so; else by the name it gives itself"),
    yes: toggle("Sign without asking"),
    upgrade: toggle("Replace the installed version, which is kept for a way back"),
  },
  arguments: [{
    name: "file|name",
    about: "A component (./file or file.wasm), or a pod that comes with peri",
  }],
  async run(context, flags, source) {
    const component = await readComponent(context, source!);
    const report = new Report(context, flags.json);
    const wishes = { name: flags.as, upgrade: flags.upgrade, size: component.length };
    const input = (async function* () {
      yield component;
    })();
    const exitCode = await control(context, "pod.install", wishes, {
      report,
      yes: flags.yes,
      input,
    });
    await report.lines(({ name, version, previous, previousUntilMs }) => {
      const word = formatValue(name);
      const reach = findWord(word) ? `peri pod exec ${word}` : `peri ${word}`;
      const line = `installed ${word} ${formatValue(version)}; see ${reach} --help`;
      if (!flags.upgrade || previous === undefined) return line;
      const until = formatTime(previousUntilMs);
      return `${line}\n${formatValue(previous)} is kept until ${until}: peri pod rollback ${word}`;
    });
    return exitCode;
  },
});

/**
 * A path as it is; a bare name always means a pod that was built in the checkout, so that a file
 * which lies around where you stand is not installed in its place.
 */
async function readComponent(context: Context, source: string): Promise<Uint8Array> {
  const isName = /^[a-z][a-z0-9-]*$/.test(source);
  if (!isName) return await context.files.read(source, MAX_COMPONENT_BYTES);
  const path = `${context.root}/dist/${source}.wasm`;
  if (await context.files.exists(path)) return await context.files.read(path, MAX_COMPONENT_BYTES);
  const isHere = await context.files.exists(source);
  throw new PeriError("not-found", {
    op: "install pod",
    subject: `${source} is no pod that comes with peri (${path})`,
    hint: isHere
      ? `peri pod install ./${source} installs the file here`
      : `deno task build builds the pods of ${context.root}`,
  });
}
