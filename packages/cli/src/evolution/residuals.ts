/** Residuals of the steps of a flow, on fresh rows: by the score of the pushed density where it can be had, else by test fields. */
import { type Engine, type EvolutionProblem, fold, type Key } from "jkoflow";
import { createResidualMeter, pushScore, type ScoredResidual, scoreAt } from "jkoflow/theory";
import { type Along, lengthOf, type OpenFlow } from "./along.ts";

export interface Residuals {
  readonly steps: readonly ScoredResidual[];
  /** "score": all of xi is seen. "fields": its projection onto test fields, which may be less. */
  readonly by: "score" | "fields";
  /** Number of test fields. */
  readonly fields: number | null;
  /** Of each step: by how much its inverse stretches a short way at most, at the rows. */
  readonly stretches: readonly number[];
  /** Largest |DT - DT^T| / |DT| at the rows: 0 of gradients of functions, as optimal maps are. */
  readonly turn: number;
}

/** Columns up to which scores are had: 2 d + 1 pushes of every row. */
const MOST_SCORED = 12;
/** Rows that are scored; beyond MOST_SCORED a few are looked at for stretches and turns alone. */
const scoredRows = (d: number): number => (d > MOST_SCORED ? 4 : Math.floor(4096 / (d + 2)));

export async function residualsOf(
  engine: Engine,
  { functional, dimension: d, start }: EvolutionProblem,
  flow: OpenFlow,
  { times, points, logDensity }: Along,
  key: Key,
  pause: (phase?: string) => Promise<void>,
): Promise<Residuals> {
  const all = logDensity[0].length;
  const n = Math.min(scoredRows(d), all);
  const first = points[0].slice(0, n * d);
  // Without a density in F its score counts nothing.
  const isAsked = functional.needs.includes("logDensity");
  let score = isAsked && d <= MOST_SCORED ? scoreAt(start, first) : new Float64Array(n * d);
  let rows: Float64Array = first;
  const pushed = [];
  for (const map of flow.maps) {
    const next = pushScore(map, rows, score, d);
    pushed.push(next);
    [rows, score] = [next.rows, next.score];
    await pause();
  }
  const about = {
    stretches: pushed.map(({ stretch }) => stretch),
    turn: Math.max(...pushed.map(({ turn }) => turn)),
  };
  // At the edge of a support there is no score.
  const isScored = d <= MOST_SCORED && pushed.every((one) => one.score.every(Number.isFinite));
  const meter = createResidualMeter(engine, functional, d, isScored ? n : all);
  const steps: ScoredResidual[] = [];
  let fields: number | null = null;
  try {
    for (let k = 1; k < points.length; k++) {
      const of = { stepSize: lengthOf(times, k), key: fold(key, "step", k) };
      if (isScored) {
        const [before, after] = [points[k - 1], points[k]].map((at) => at.subarray(0, n * d));
        const scored = { before, after, logDensity: logDensity[k].subarray(0, n), score: pushed[k - 1].score };
        steps.push(meter.byScore({ ...of, ...scored }));
      } else {
        const { fields: count, ...seen } = meter.at({
          ...of,
          before: points[k - 1],
          after: points[k],
          logDensity: logDensity[k],
        });
        steps.push(seen);
        fields = count;
      }
      await pause();
    }
  } finally {
    meter.dispose();
  }
  return { steps, by: isScored ? "score" : "fields", fields, ...about };
}
