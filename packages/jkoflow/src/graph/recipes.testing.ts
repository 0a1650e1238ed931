/**
 * Random expressions, so that one can be built twice: with the simplifications of `elementwise.ts` and `linear.ts`, and node by
 * node as written.
 */
import type { Line, Recipe } from "./recipe.testing.ts";
import { createDraft, isParameter } from "./recipeDraft.testing.ts";
import { kinkedMoves, smoothMoves, sumMoves } from "./recipeMoves.testing.ts";

export interface RecipeOptions {
  readonly widths: readonly number[];
  readonly length: number;
  /** Without kinks and detach: comparable with differences. */
  readonly smooth?: boolean;
  /** With sums over rows and what follows from them. */
  readonly sums?: boolean;
}

export function randomRecipe(
  random: () => number,
  { widths, length, smooth = false, sums = false }: RecipeOptions,
): Recipe {
  const draft = createDraft(random);
  const { lines, among, put, parameter } = draft;
  const [w1, w2] = [among(widths), among(widths)];
  put("rows", [], "B", w1, 1, { name: "x" });
  put("rows", [], "B", w2, 1, { name: "y" });
  put("scalar", [], 1, 1, 1, { name: "s" });
  parameter(1, w1);
  parameter(w1, w2);
  parameter(1, 1);
  parameter(among([2, 3, 5]), 1);

  const moves = [
    ...smoothMoves(draft, random, widths),
    ...(smooth ? [] : kinkedMoves(draft, random)),
    ...(sums ? sumMoves(draft, random) : []),
  ];
  while (lines.length < length) among(moves)();
  const results = (condition: (line: Line) => boolean): number[] =>
    lines
      .map((_, i) => i)
      .filter((i) => condition(lines[i]))
      .reverse();
  return {
    lines,
    rowResults: results((line) => line.rows === "B"),
    prologueResults: results((line) => isParameter(line) && !line.summed),
    epilogueResults: results((line) => isParameter(line) && line.summed),
  };
}
