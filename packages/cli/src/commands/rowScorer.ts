/** The scores of blocks of rows, as a file has them: encoded with noise, with what is given of them, unfit ones told apart. */
import { chain, data, fold, type Key, type OpenModel } from "jkoflow";
import type { GivenRows } from "../input/conditionRows.ts";
import type { PassedRows, UnfitRow } from "../input/unfitRows.ts";
import { addWeight } from "../run/weights.ts";

/** Of each row, nats; the same numbers where the model has no kernels. */
interface Scores {
  /** [n] */
  readonly logProb: Float64Array;
  /** What rows are ranked by. [n] */
  readonly scores: Float64Array;
}

export interface BlockScores extends Scores {
  /** Rows without a density, in order: -Infinity above. */
  readonly outside: readonly UnfitRow[];
}

/**
 * Scores a block that begins after `firstRow` rows, by `draws` draws of the noise `key` where the model's columns need
 * noise. Rows with a missing value score NaN where the model knows none.
 */
export function rowScorer(
  open: OpenModel,
  given: GivenRows | undefined,
  key: Key,
  draws: number,
): (block: PassedRows, firstRow: number) => BlockScores {
  const { schema } = open.model;
  const bound = schema && data.boundText(schema);
  const unfitGiven = new Map(given?.unfit.map((one) => [one.row, one]));

  return (block, firstRow) => {
    const places = Array.from({ length: block.rows }, (_, i) => firstRow + i);
    const own = new Map(block.unfit.map((one) => [one.row, one]));
    const outside = places.flatMap((row) => own.get(row) ?? unfitGiven.get(row) ?? []);
    const found = outside.length === block.rows ? noScores(block.rows) : score(block, places);
    if (given)
      for (const [i, row] of places.entries())
        if (given.missing.has(row)) found.logProb[i] = found.scores[i] = Number.NaN;
    // Another row was scored in the place of an unfit one.
    for (const { row } of outside)
      found.logProb[row - firstRow] = found.scores[row - firstRow] = Number.NEGATIVE_INFINITY;
    return { ...found, outside };
  };

  function score(block: data.Table, places: readonly number[]): Scores {
    const y = given && data.takeConditions(given.given, places);
    const each = Array.from({ length: bound === undefined ? 1 : draws }, (_, k): Scores => {
      if (schema === undefined) return scoreEncoded(open, block, y);
      const options = { firstRow: places[0], given: y };
      const { table, logWeight, cells } = data.encodeTable(schema, block, fold(key, k), options);
      const { logProb, scores } = scoreEncoded(open, table, data.joinConditions(y, cells));
      return { logProb: addWeight(logProb, logWeight), scores: addWeight(scores, logWeight) };
    });
    const mean = (figure: keyof Scores): Float64Array =>
      each.length === 1 ? each[0][figure] : data.logMeanExp(each.map((one) => one[figure]));
    return { logProb: mean("logProb"), scores: mean("scores") };
  }
}

const noScores = (rows: number): Scores => ({ logProb: new Float64Array(rows), scores: new Float64Array(rows) });

/** A row with a missing cell scores NaN; the model sees zeros in its place. */
function scoreEncoded(open: OpenModel, { values }: data.Table, y: data.ConditionRows | undefined): Scores {
  const d = open.columns.length;
  const x = values.some(Number.isNaN) ? values.map((value) => (Number.isFinite(value) ? value : 0)) : values;
  const logProb = chain.need(open, "logProb")(x, { given: y });
  const scores = open.score(x, logProb);
  for (let i = 0; i < values.length; i++)
    if (!Number.isFinite(values[i])) logProb[Math.floor(i / d)] = scores[Math.floor(i / d)] = Number.NaN;
  return { logProb, scores };
}
