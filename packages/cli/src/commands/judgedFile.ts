/** Rows of a file by which a model is judged: encoded, those without a density set apart. */
import { createKey, data, fold, type Model } from "jkoflow";
import { givenNames, readConditionsOf } from "../input/conditionRows.ts";
import { collectModelRows, type ModelRowOptions } from "../input/modelRows.ts";
import { openTable } from "../input/openTable.ts";
import { sourceColumns } from "../input/schemaRows.ts";
import { countUnfit, fittingRows, noUnfit, type UnfitCount } from "../input/unfitRows.ts";
import type { Judged } from "../report/judged.ts";
import type { Shell } from "../shell.ts";

/** @throws InputError for a table without the model's columns, and where no row has a density. */
export async function readJudged(
  path: string,
  model: Model,
  reading: ModelRowOptions,
  shell: Shell,
): Promise<{ readonly judged: Judged; readonly unfit: UnfitCount }> {
  const { schema } = model;
  const options = { ...reading, given: givenNames(model), ...(schema ? { schema } : {}) };
  const file = await openTable(path, shell, model.condition ? "several" : "one");
  const raw = await collectModelRows(file, sourceColumns(model), options);
  const read = await readConditionsOf(file, model.condition?.encoder, options);
  const users = read?.given;
  const own = new Set(raw.unfit.map(({ row }) => row));
  const inGiven = (read?.unfit ?? []).filter(({ row }) => !own.has(row));
  const all = [...raw.unfit, ...inGiven].sort((one, other) => one.row - other.row);
  const unfit = countUnfit(noUnfit, all);
  const kept = all.length === 0 ? undefined : fittingRows(raw.rows, new Set(all.map(({ row }) => row)), path);
  const rows = kept ? data.takeRows(raw, kept) : raw;
  const y = users && kept ? data.takeConditions(users, kept) : users;
  if (!schema) return { judged: { table: rows, ...(y ? { given: y } : {}) }, unfit };
  const noise = fold(createKey(0), "evaluate");
  const { table, logWeight: weight, cells } = data.encodeTable(schema, rows, noise, { given: y });
  const given = data.joinConditions(y, cells);
  return { judged: { table, weight, ...(given ? { given } : {}) }, unfit };
}
