/** The parts of a training table: training, validation and test rows. */
import { createKey, data, fold } from "jkoflow";
import type { RunConfig } from "../config/runConfig.ts";

/** Encoded rows, what is given of them, and what their log-densities lack. */
export interface Part {
  readonly table: data.Table;
  readonly given?: data.ConditionRows;
  readonly weight?: Float64Array;
}

/** A training table in parts; its array is used again. */
export function splitRows(
  whole: Part,
  { split, seed }: RunConfig,
  ownValidation: boolean,
  ownTest: boolean,
): Readonly<Record<keyof data.Split, Part>> {
  const { table, given, weight } = whole;
  const shares = { validation: ownValidation ? 0 : split[1], test: ownTest ? 0 : split[2] };
  if (shares.validation === 0 && shares.test === 0) {
    const none: Part = {
      table: { values: new Float32Array(0), rows: 0, columns: table.columns },
      ...(given ? { given: data.takeConditions(given, []) } : {}),
    };
    return { train: whole, validation: none, test: none };
  }
  const used = split[0] + shares.validation + shares.test;
  const scaled = { validation: shares.validation / used, test: shares.test / used };
  const indices = data.splitByChance(table.rows, fold(createKey(seed), "split"), scaled);
  const tables = data.splitMoving(table, indices);
  const part = (name: keyof data.Split): Part => ({
    table: tables[name],
    ...(given ? { given: data.takeConditions(given, indices[name]) } : {}),
    ...(weight ? { weight: Float64Array.from(indices[name], (i) => weight[i]) } : {}),
  });
  return { train: part("train"), validation: part("validation"), test: part("test") };
}
