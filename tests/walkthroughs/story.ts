/**
 * Stories as Markdown: what people type and what they see. Only ```` ```console ```` blocks are
 * run; the rest is for the reader. See README.md beside this file.
 *
 * @module
 */

/** Something a person types. */
export interface Step {
  /** Line of the prompt in the file, from 1. */
  readonly line: number;
  readonly person: string;
  readonly command: string;
  /** Runs on while the story goes on; its first output is waited for. */
  readonly isBackground: boolean;
  /** Lines that must be seen, as patterns of `align.ts`. */
  readonly expected: readonly string[];
  readonly exitCode: number;
}

const PROMPT = /^(?<person>[a-z][a-z0-9-]*)\$ (?<command>.*)$/;

/**
 * The steps of a story in order.
 *
 * @throws {Error} when a console block begins with something that is no prompt, or never ends.
 */
export function parseStory(text: string): Step[] {
  const steps: Step[] = [];
  let block: { line: number; text: string }[] | undefined;
  text.split("\n").forEach((line, index) => {
    if (block === undefined) {
      if (line.trim() === "```console") block = [];
    } else if (line.trim() === "```") {
      steps.push(...parseBlock(block));
      block = undefined;
    } else block.push({ line: index + 1, text: line });
  });
  if (block !== undefined) throw new Error("a console block does not end");
  return steps;
}

function parseBlock(lines: readonly { line: number; text: string }[]): Step[] {
  const starts = lines.flatMap(({ text }, index) => PROMPT.test(text) ? [index] : []);
  if (starts[0] !== 0 && lines.some(({ text }) => text !== "")) {
    throw new Error(`line ${lines[0]!.line}: a console block begins with a prompt like alice$ `);
  }
  return starts.map((start, index) => parseStep(lines.slice(start, starts[index + 1])));
}

function parseStep(lines: readonly { line: number; text: string }[]): Step {
  const [prompt, ...rest] = lines;
  const { person, command } = prompt!.text.match(PROMPT)!.groups as Record<string, string>;
  const continued = rest.findIndex(({ text }) => !text.startsWith("> "));
  const more = rest.slice(0, continued < 0 ? rest.length : continued);
  const seen = rest.slice(more.length).map(({ text }) => text);
  const exitCode = seen[0]?.match(/^\? (\d+)$/)?.[1];
  const expected = exitCode === undefined ? seen : seen.slice(1);
  while (expected.at(-1) === "") expected.pop();
  const whole = [command!, ...more.map(({ text }) => text.slice(2))].join("\n");
  return {
    line: prompt!.line,
    person: person!,
    command: whole.replace(/ &$/, ""),
    isBackground: whole.endsWith(" &"),
    expected,
    exitCode: Number(exitCode ?? 0),
  };
}
