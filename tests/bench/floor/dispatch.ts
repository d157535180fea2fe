/**
 * The least that a command line can do in Deno: find the word in a table, print or load.
 *
 * @module
 */

const WORDS: Readonly<Record<string, string>> = {
  serve: "Run your periphery",
  status: "Show how your periphery is",
  key: "Your OpenPGP keys",
  pod: "Your pods",
};

const [word = "--help"] = Deno.args;
if (word === "--help") {
  const lines = Object.entries(WORDS).map(([name, about]) => `  ${name.padEnd(12)}${about}\n`);
  Deno.stdout.writeSync(new TextEncoder().encode(`peri\n\n${lines.join("")}`));
} else if (!Object.hasOwn(WORDS, word)) Deno.exitCode = 2;
