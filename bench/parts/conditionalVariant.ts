/** One construction of a conditional flow on one toy, against the exact conditional density. */

import type { Problem } from "../../packages/jkoflow/src/data/index.ts";
import {
  type ConditionalSample,
  type ConditionalToy,
  type ConditionRows,
  takeConditions,
} from "../../packages/jkoflow/src/data/index.ts";
import type { Engine } from "../../packages/jkoflow/src/engine/index.ts";
import { type Estimate, pairedDifference } from "../../packages/jkoflow/src/evaluate/index.ts";
import { type OpenModel, openModel } from "../../packages/jkoflow/src/model/index.ts";
import { fit, type Settings } from "../../packages/jkoflow/src/systems/index.ts";
import { startClock } from "./clock.ts";

/** Of the grid on which a density is integrated, in each direction. */
const GRID = 300;
const HALF_WIDTH = 8;

interface LabelLine {
  readonly label: string;
  readonly rows: number;
  /** Mean of -ln p of the toy itself. */
  readonly exactNll: number;
  /** NLL of the flow less that, on the same rows. */
  readonly excess: Estimate;
  /** Of p(. | label) over the grid. */
  readonly integral: number;
}

/** A construction on one toy: label by label, and all rows. */
export interface Variant {
  readonly variant: string;
  readonly labels: readonly LabelLine[];
  readonly overall: Estimate;
  readonly blocks: number;
  readonly cpuSeconds: number;
}

const exact = (toy: ConditionalToy, { points, given }: ConditionalSample): Float64Array =>
  Float64Array.from({ length: given.rows }, (_, i) =>
    toy.logDensity(points[2 * i], points[2 * i + 1], given.columns[0].values[i]),
  );

/** The labels, or for numbers their quarters. */
function groupsOf({ columns }: ConditionRows): string[] {
  const [column] = columns;
  if (column.kind === "category") return [...column.values];
  return Array.from(column.values, (value) => `${column.name} in quarter ${Math.min(4, Math.floor(2 * value) + 1)}`);
}

function integral(open: OpenModel, given: ConditionRows, row: number): number {
  const step = (2 * HALF_WIDTH) / GRID;
  const place = (k: number): number => -HALF_WIDTH + (k + 0.5) * step;
  const points = Float32Array.from({ length: 2 * GRID * GRID }, (_, at) =>
    place(at % 2 === 0 ? (at >> 1) % GRID : Math.floor((at >> 1) / GRID)),
  );
  const same = takeConditions(given, new Int32Array(GRID * GRID).fill(row));
  return open.logProb(points, { given: same }).reduce((sum, value) => sum + Math.exp(value) * step * step, 0);
}

/** Train with the given problem and compare with the exact conditional density on the test rows. */
export async function runVariant(
  engine: Engine,
  toy: ConditionalToy,
  variant: string,
  problem: Problem,
  test: ConditionalSample,
  settings: Settings,
): Promise<{ readonly line: Variant; readonly logProb: Float64Array }> {
  const clock = startClock();
  const { model } = await fit(engine, problem, { settings });
  const { cpuSeconds } = clock();
  const open = openModel(engine, model);
  try {
    const given = problem.conditions ? test.given : undefined;
    const logProb = open.logProb(test.points, { given });
    const truth = exact(toy, test);
    const groups = groupsOf(test.given);
    const labels = [...new Set(groups)].sort().map((label): LabelLine => {
      const rows = Array.from(groups.keys()).filter((i) => groups[i] === label);
      const of = (values: Float64Array): Float64Array => Float64Array.from(rows, (i) => values[i]);
      return {
        label,
        rows: rows.length,
        exactNll: -of(truth).reduce((sum, value) => sum + value / rows.length, 0),
        excess: pairedDifference(of(logProb), of(truth)),
        integral: given ? integral(open, given, rows[0]) : Number.NaN,
      };
    });
    const overall = pairedDifference(logProb, truth);
    return { line: { variant, labels, overall, blocks: model.flow.blocks.length, cpuSeconds }, logProb };
  } finally {
    open.dispose();
  }
}
