/** The inversion error of the JKO-iFlow paper. */
import type { Table } from "../../packages/jkoflow/src/data/index.ts";
import type { OpenModel } from "../../packages/jkoflow/src/model/index.ts";

/** 1/2 mean |x - F^(-1)(F(x))|^2 over the first 1,000 rows, standardised units. */
export function inversionHalfSquare({ flow, model }: OpenModel, { values, columns }: Table): number {
  const rows = Math.min(1000, values.length / columns.length);
  const x = model.standardizer.forward(values.slice(0, rows * columns.length));
  const back = flow.invert(flow.push(x).z);
  return x.reduce((sum, value, i) => sum + (value - back[i]) ** 2, 0) / 2 / rows;
}
