/** Rows of the players of a saddle, and the draws that their turns are made of. */
import type { Executable, RowSource } from "../engine/index.ts";
import type { RowDraw, Rows } from "./rowSet.ts";

/** What a turn is made of: rows of rho, and a whole number by which as many rows of the reference are chosen. */
export interface SaddleDraw extends RowDraw {
  readonly reference: number;
}

/** Rows that are trained on have no log-density; those by which F is measured exactly do. */
export type SaddleRows = Pick<Rows, "x" | "pair"> & Partial<Rows>;

/** @throws Error for rows that are trained on. */
export function scored({ logDensity, ...rows }: SaddleRows): Rows {
  if (!logDensity) throw new Error("rows without their log-density");
  return { ...rows, logDensity };
}

/** Memory of the engine, given back. */
export const disposeSaddleRows = (rows: SaddleRows): void => {
  for (const table of Object.values(rows)) table.dispose();
};

/** Rows by the indices of a draw, their partners from a place on. */
export const tablesOf = ({ x, pair }: SaddleRows, from: number): Readonly<Record<string, RowSource>> => ({
  x,
  ...(pair ? { pair: { table: pair, from } } : {}),
});

/** Those that the program reads. */
export const usedOf = (
  program: Executable,
  all: Readonly<Record<string, RowSource>>,
): Readonly<Record<string, RowSource>> =>
  Object.fromEntries(program.program.inputs.map(({ at }) => [at.name!, all[at.name!]]));
