import { deepEqual, throws } from "node:assert/strict";
import { parseWords } from "./words.ts";

Deno.test("plain words and quotes are divided as a shell divides them", () => {
  const cases: [string, string[]][] = [
    ["", []],
    ["  hey \t list  --json ", ["hey", "list", "--json"]],
    [`hey say 'two words' "and \\"three\\" more"`, ["hey", "say", "two words", 'and "three" more']],
    [`a'b c'"d e"f\\ g`, ["ab cd ef g"]],
    [`'' ""`, ["", ""]],
    ["why? *.txt ~ a#b x=1 {1,2} hm!", ["why?", "*.txt", "~", "a#b", "x=1", "{1,2}", "hm!"]],
    [`"a\\b" '\\n' "\\$1"`, ["a\\b", "\\n", "$1"]],
    [`"; rm -rf /" '$(id)' \\;`, ["; rm -rf /", "$(id)", ";"]],
    ["a\\\nb", ["ab"]],
  ];
  for (const [command, words] of cases) deepEqual(parseWords(command), words, command);
});

Deno.test("what only a shell can do is refused, and so is a quote that is not closed", () => {
  for (
    const command of [
      "hey list | wc",
      "hey list; id",
      "hey list > /etc/passwd",
      "hey say $HOME",
      "hey say `id`",
      `hey say "$(id)"`,
      "hey list # all",
      "hey list\nid",
      "hey (list)",
      "hey list &",
      "it's",
      '"open',
      "end\\",
    ]
  ) throws(() => parseWords(command), { kind: "invalid" }, command);
  throws(() => parseWords("a".repeat(70_000)), { kind: "too-large" });
});
