/**
 * Styles as a terminal is told of them (ECMA-48, "Select Graphic Rendition"), with the colours that it
 * has.
 *
 * @module
 */

import { type Colour, type Colours, MARKS, type Style } from "../../model/terminal.ts";

const CODES = [1, 2, 3, 4, 7] as const;
/** Steps of red, green and blue in the cube of 256 colours. */
const STEPS = [0, 95, 135, 175, 215, 255] as const;
/** The 16 colours as xterm has them: what nearest means among them. */
const OWN: readonly (readonly [number, number, number])[] = [
  [0, 0, 0],
  [205, 0, 0],
  [0, 205, 0],
  [205, 205, 0],
  [0, 0, 238],
  [205, 0, 205],
  [0, 205, 205],
  [229, 229, 229],
  [127, 127, 127],
  [255, 0, 0],
  [0, 255, 0],
  [255, 255, 0],
  [92, 92, 255],
  [255, 0, 255],
  [0, 255, 255],
  [255, 255, 255],
];

/** What makes text look so, whatever it looked like before. */
export function formatStyle({ ink, paper, marks }: Style, colours: Colours): string {
  const codes = [
    "0",
    ...MARKS.flatMap((mark, at) => marks.includes(mark) ? [`${CODES[at]}`] : []),
    ...colourCodes(ink, colours, 30),
    ...colourCodes(paper, colours, 40),
  ];
  return `\x1b[${codes.join(";")}m`;
}

function colourCodes(colour: Colour | null, colours: Colours, base: 30 | 40): string[] {
  if (colour === null || colours === 0) return [];
  if (colour.tag === "rgb" && colours > 256) return [`${base + 8};2;${colour.val.join(";")}`];
  const index = colour.tag === "palette" ? colour.val : nearest256(colour.val);
  if (index > 15 && colours >= 256) return [`${base + 8};5;${index}`];
  const own = index > 15 ? nearest16(valueOf(index)) : index;
  return [`${own < 8 ? base + own : base + 52 + own}`];
}

function nearest256([red, green, blue]: readonly [number, number, number]): number {
  const step = (part: number) => {
    const far = STEPS.map((value) => Math.abs(value - part));
    return far.indexOf(Math.min(...far));
  };
  return 16 + 36 * step(red) + 6 * step(green) + step(blue);
}

function nearest16(value: readonly [number, number, number]): number {
  const far = (own: readonly [number, number, number]) =>
    own.reduce((sum, part, at) => sum + (part - value[at]!) ** 2, 0);
  const all = OWN.map(far);
  return all.indexOf(Math.min(...all));
}

/** What one of the 256 colours is. */
function valueOf(index: number): readonly [number, number, number] {
  if (index < 16) return OWN[index]!;
  if (index > 231) {
    const grey = 8 + 10 * (index - 232);
    return [grey, grey, grey];
  }
  const at = index - 16;
  return [STEPS[Math.floor(at / 36)]!, STEPS[Math.floor(at / 6) % 6]!, STEPS[at % 6]!];
}
