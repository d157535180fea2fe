/**
 * Stories as Markdown: what people type and what they see, and files that they write. Only
 * ```` ```console ```` blocks are run and ```` ```ts alice:pod.ts ```` blocks are written; the rest
 * is for the reader. See README.md beside this file.
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

/** A fence that opens a block to be run or written. */
const OPENING =
  /^```(?:console|[a-z]+ (?<person>[a-z][a-z0-9-]*):(?<path>[A-Za-z0-9._/-]+)(?<more>\+?))$/;
/** Ends the text of a file; no line of a file is this. */
const END_OF_FILE = "END OF FILE";
const PROMPT = /^(?<person>[a-z][a-z0-9-]*)\$ (?<command>.*)$/;

/**
 * The steps of a story in order.
 *
 * @throws {Error} when a console block begins with something that is no prompt, or a block never
 * ends.
 */
export function parseStory(text: string): Step[] {
  const steps: Step[] = [];
  let block: { opening: RegExpExecArray; line: number; lines: Line[] } | undefined;
  text.split("\n").forEach((line, index) => {
    if (block === undefined) {
      const opening = OPENING.exec(line.trim());
      if (opening !== null) block = { opening, line: index + 1, lines: [] };
    } else if (line.trim() === "```") {
      const { opening: { groups = {} }, line, lines } = block;
      if (groups.person === undefined) steps.push(...parseBlock(lines));
      else steps.push(writeStep(line, groups, lines));
      block = undefined;
    } else block.lines.push({ line: index + 1, text: line });
  });
  if (block !== undefined) throw new Error(`line ${block.line}: the block does not end`);
  return steps;
}

/** A line of a story, from 1. */
interface Line {
  readonly line: number;
  readonly text: string;
}

/** A person writes a file below their home, or inserts something before its last line. */
function writeStep(
  line: number,
  { person, path, more }: Record<string, string | undefined>,
  lines: readonly Line[],
): Step {
  const text = [...lines.map(({ text }) => text), END_OF_FILE].join("\n");
  const command = more === ""
    ? `cat > ${path} <<'${END_OF_FILE}'\n${text}`
    // As a whole, as editors do: what looks at the file meanwhile sees one or the other.
    : `(sed '$d' ${path}; cat; tail -n 1 ${path}) > ${path}~ <<'${END_OF_FILE}'\n${text}\n` +
      `mv ${path}~ ${path}`;
  return { line, person: person!, command, isBackground: false, expected: [], exitCode: 0 };
}

function parseBlock(lines: readonly Line[]): Step[] {
  const starts = lines.flatMap(({ text }, index) => PROMPT.test(text) ? [index] : []);
  if (starts[0] !== 0 && lines.some(({ text }) => text !== "")) {
    throw new Error(`line ${lines[0]!.line}: a console block begins with a prompt like alice$ `);
  }
  return starts.map((start, index) => parseStep(lines.slice(start, starts[index + 1])));
}

function parseStep(lines: readonly Line[]): Step {
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
