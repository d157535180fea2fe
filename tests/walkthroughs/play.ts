/**
 * Plays a story on a stage and says where it went another way than it was told.
 *
 * @module
 */

import { alignLines, formatRows } from "./align.ts";
import { type Background, pause, type Stage } from "./stage.ts";
import { parseStory, type Step } from "./story.ts";

/** Longest wait for the first output of a program that runs on behind. */
const READY_MS = 20_000;

/** `kill %1`, `kill -KILL %2`: the first, second … program that this person left running. */
const KILL = /^kill(?: -(?<signal>[A-Z]+))? %(?<number>\d+)$/;

/**
 * Plays all steps in order.
 *
 * @param path names the story in errors
 * @throws {Error} at the first step that is not as told, with the comparison.
 */
export async function playStory(path: string, text: string, stage: Stage): Promise<void> {
  const known = new Map<string, string>();
  const behind = new Map<string, Background[]>();
  for (const step of parseStory(text)) {
    const place = `${path}:${step.line}: ${step.person}$ ${step.command}`;
    const programs = behind.getOrInsertComputed(step.person, () => []);
    if (step.isBackground) programs.push(await playBackground(place, step, stage, known));
    else await playForeground(place, step, stage, known, programs);
  }
}

async function playForeground(
  place: string,
  step: Step,
  stage: Stage,
  known: Map<string, string>,
  programs: readonly Background[],
): Promise<void> {
  const kill = step.command.match(KILL)?.groups;
  const { output, exitCode } = kill
    ? await endBehind(place, kill, programs)
    : await stage.run(step.person, step.command, known);
  const aligned = alignLines(step.expected, linesOf(output), known);
  if (aligned.isSame && exitCode === step.exitCode) {
    for (const [name, value] of aligned.remembered) known.set(name, value);
    return;
  }
  const codes = exitCode === step.exitCode
    ? ""
    : `exit code ${exitCode}, expected ${step.exitCode}\n`;
  throw new Error(`${place}\n${codes}${formatRows(aligned.rows)}`);
}

async function playBackground(
  place: string,
  step: Step,
  stage: Stage,
  known: Map<string, string>,
): Promise<Background> {
  const program = stage.start(step.person, step.command, known);
  let exitCode: number | undefined;
  program.ended.then((code) => exitCode = code);
  for (let waitedMs = 0;; waitedMs += 20) {
    const lines = linesOf(program.output());
    const aligned = alignLines([...step.expected, "..."], lines, known);
    if (aligned.isSame) {
      for (const [name, value] of aligned.remembered) known.set(name, value);
      return program;
    }
    const hasEnded = exitCode !== undefined;
    if (hasEnded || waitedMs > READY_MS) {
      const why = hasEnded ? `ended with exit code ${exitCode}` : `not ready after ${READY_MS} ms`;
      throw new Error(`${place} &\n${why}\n${formatRows(aligned.rows)}`);
    }
    await pause(20);
  }
}

/** Ends a program that runs behind; its outcome has only what it printed afterwards. */
async function endBehind(
  place: string,
  { signal = "TERM", number }: Record<string, string | undefined>,
  programs: readonly Background[],
) {
  const program = programs[Number(number) - 1];
  if (!program) throw new Error(`${place}\nnothing runs behind as %${number}`);
  const before = program.output().length;
  program.signal(`SIG${signal}` as Deno.Signal);
  const exitCode = await program.ended;
  // A killed program's own exit code is what its parent's shell would show: 128 + signal.
  return { output: program.output().slice(before), exitCode };
}

function linesOf(output: string): string[] {
  const lines = output.split("\n");
  while (lines.at(-1)?.trim() === "") lines.pop();
  return lines;
}
