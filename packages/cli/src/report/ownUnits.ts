/** Encoded rows as the table of their owner. */
import { data } from "jkoflow";

/** Encoded rows, with the cells that stand apart of them, in the units of the user's table. */
export const inOwnUnits = (
  schema: data.Schema | undefined,
  table: data.Table,
  given: data.ConditionRows | undefined,
): data.Table => (schema === undefined ? table : data.decodeTable(schema, table, given));
