/**
 * What is shown of a whole run of tests: the tests and what is wrong, not what they print
 * themselves. Among those are runs of tests that are meant to fail.
 *
 * @module
 */

const BEGIN = /^-{5,} (pre-test |post-test )?output -{5,}$/;
const END = /^(?<before>.*?)-{5,} (pre-test |post-test )?output end -{5,}$/;
/** How a seeded test says that it can be run again. */
const REPLAY = /^replay: /;

/**
 * Takes pieces as they come and gives the lines to show. A line that is not whole is held back, and
 * given by a call without a piece.
 */
export function hideTestOutput(): (piece?: string) => string {
  let held = "";
  let isHidden = false;
  const show = (line: string): boolean => {
    if (!isHidden && BEGIN.test(line)) isHidden = true;
    else if (!isHidden) return true;
    else if (END.test(line)) isHidden = false;
    return REPLAY.test(line);
  };
  return (piece) => {
    const lines = `${held}${piece ?? "\n"}`.split("\n");
    held = piece === undefined ? "" : lines.pop()!;
    return lines.slice(0, piece === undefined ? -1 : undefined).filter(show)
      .map((line) => `${line}\n`).join("");
  };
}
