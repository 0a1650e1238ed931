/** Residuals of the steps of a flow, on fresh rows: by the score of the pushed density where it can be had, else by test fields. */
import { type Engine, type EvolutionProblem, fold, type Key } from "jkoflow";
import { createResidualMeter, pushScore, type ScoredResidual, type SeenResidual, scoreAt } from "jkoflow/theory";
import { type Along, lengthOf, type OpenFlow } from "./along.ts";

export interface Residuals {
  readonly steps: readonly ScoredResidual[];
  /** "score": all of xi is seen. "fields": its projection onto test fields, which may be less. */
  readonly by: "score" | "fields";
  /** Number of test fields. */
  readonly fields: number;
  /** Largest norm that they see for certain, its square less two standard errors: far below the whole where few rows carry that. */
  readonly seen: number;
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
  const whole = createResidualMeter(engine, functional, d, all);
  const scored = isScored ? createResidualMeter(engine, functional, d, n) : undefined;
  const steps: ScoredResidual[] = [];
  const sights: SeenResidual[] = [];
  try {
    for (let k = 1; k < points.length; k++) {
      const of = { stepSize: lengthOf(times, k), key: fold(key, "step", k) };
      const sight = whole.at({ ...of, before: points[k - 1], after: points[k], logDensity: logDensity[k] });
      sights.push(sight);
      if (scored === undefined) steps.push(sight);
      else {
        const [before, after] = [points[k - 1], points[k]].map((at) => at.subarray(0, n * d));
        const rest = { before, after, logDensity: logDensity[k].subarray(0, n), score: pushed[k - 1].score };
        steps.push(scored.byScore({ ...of, ...rest }));
      }
      await pause();
    }
  } finally {
    whole.dispose();
    scored?.dispose();
  }
  const seen = Math.max(
    ...sights.map(({ square, standardError }) => Math.sqrt(Math.max(0, square - 2 * standardError))),
  );
  return { steps, by: isScored ? "score" : "fields", fields: sights[0].fields, seen, ...about };
}
