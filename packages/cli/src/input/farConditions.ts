/** Given numbers far from those that a conditional model was trained on, in words. */
import { data, type Model } from "jkoflow";
import { count } from "../progress/numbers.ts";

const digits = (value: number): string => String(Number(value.toPrecision(6)));

/** A line on each given column with such numbers; none without condition. */
export function farLines({ condition }: Model, given: data.ConditionRows): string[] {
  if (condition === undefined) return [];
  return data.farConditions(condition.encoder, condition.pool, given).map((far) => {
    const { column, rows, firstRow, value, low, high } = far;
    const where =
      given.rows === 1
        ? ""
        : ` in row ${count(firstRow + 1)} (${count(rows)} of ${count(given.rows)} rows are as far off)`;
    const range = `in the training rows kept with the model it is from ${digits(low)} to ${digits(high)}`;
    return `column ${JSON.stringify(column)} is given as ${digits(value)}${where}: ${range}, and out there the model extrapolates`;
  });
}
