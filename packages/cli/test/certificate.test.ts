/** The certificate of a run: on maps that are exact, on maps that stop half way, and where the theory says nothing. */
import { createEngine, createKey, distributions, type Engine, type EvolutionProblem, functionals } from "jkoflow";
import { gaussianJkoStep } from "jkoflow/evaluate";
import { namedProblem } from "jkoflow/problems";
import { gaussianDistance } from "jkoflow/theory";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type OpenFlow, pushAlong } from "../src/evolution/along.ts";
import { certificateOf, certificateSays } from "../src/evolution/certificate.ts";
import { energiesOf } from "../src/evolution/steps.ts";

let engine: Engine;
beforeAll(async () => {
  engine = await createEngine({ threads: 1 });
});
afterAll(() => engine.dispose());

const [ROWS, STEPS, STEP] = [4096, 6, 0.2];
const one = (v: number) => Float64Array.of(v);
/** From N(2, 1) towards N(0, 1/2). */
const start = distributions.normalDistribution(one(2), one(1));
const target = { mean: one(0), precision: one(2) };
const problem: EvolutionProblem = {
  title: "to a narrow normal",
  dimension: 1,
  columns: ["x"],
  start,
  functional: functionals.kl(distributions.normalDistribution(one(0), one(0.5))),
  time: STEPS * STEP,
  step: STEP,
  exact: { leastEnergy: 0 },
};

/** Each map goes a share of the way of the exact step from where the flow is. */
function flowOf(share: number) {
  const states = [{ mean: one(2), covariance: one(1) }];
  const maps = Array.from({ length: STEPS }, (_, k) => {
    const from = states[k];
    const to = gaussianJkoStep(from, target, STEP);
    const [slope, mean] = [1 + share * (to.map[0] - 1), from.mean[0] + share * (to.mean[0] - from.mean[0])];
    states.push({ mean: one(mean), covariance: one(slope ** 2 * from.covariance[0]) });
    return {
      push: (x: ArrayLike<number>, y: Float64Array) => {
        y[0] = mean + slope * (x[0] - from.mean[0]);
        return Math.log(slope);
      },
      invert: (y: ArrayLike<number>, x: Float64Array) => {
        x[0] = from.mean[0] + (y[0] - mean) / slope;
        return Math.log(slope);
      },
    };
  });
  return { flow: { start, maps, step: STEP } as unknown as OpenFlow, states };
}

async function certified(share: number, of: EvolutionProblem = problem) {
  const { flow, states } = flowOf(share);
  const along = pushAlong(flow, createKey(1), ROWS);
  const pause = async () => {};
  const energies = await energiesOf(engine, problem, along, ROWS, pause);
  const certificate = await certificateOf({ engine, problem: of, flow, along, energies, key: createKey(2) }, pause);
  return { certificate, states };
}

describe("a certificate", () => {
  it("of exact steps: nothing is left, and the bound holds", async () => {
    const { certificate, states } = await certified(1);
    if (certificate === null) throw new Error("none");
    const minimiser = { mean: one(0), covariance: one(0.5) };
    expect(certificate.lambda).toBeCloseTo(2, 2);
    expect(certificate.distance).toBeGreaterThan(gaussianDistance(states[0], minimiser) * 0.95);
    expect(certificate.largest).toBeLessThan(0.25); // noise of 4,096 rows
    certificate.steps.forEach(({ bound }, k) => {
      expect(bound).toBeGreaterThanOrEqual(gaussianDistance(states[k + 1], minimiser) * 0.95);
    });
    expect(certificate.densityGap).toBeLessThan(1e-12);
    expect(certificateSays(certificate)).toMatch(
      /^The first-order condition is left by at most 0\.\d+ .* W_2 to the minimiser is at most .*lambda 2, the least/,
    );
  });

  it("of steps that stop half way: what is left is seen, and the bound holds still", async () => {
    const { certificate, states } = await certified(0.5);
    if (certificate === null) throw new Error("none");
    expect(certificate.steps[0].residual).toBeGreaterThan(1); // 4 of pull, 1.4 of the way
    const minimiser = { mean: one(0), covariance: one(0.5) };
    certificate.steps.forEach(({ bound }, k) => {
      expect(bound).toBeGreaterThan(gaussianDistance(states[k + 1], minimiser));
    });
  });

  it("says why there is no bound: an interaction, a target that is not convex, a least value nobody knows", async () => {
    const flat = { ...problem, exact: {} };
    expect((await certified(1, flat)).certificate?.why).toBe("the least value of F is not known");
    const wells = distributions.equalMixture([[-1], [3]], 0.1);
    const bimodal = { ...problem, functional: functionals.kl(wells) };
    const { certificate } = await certified(1, bimodal);
    expect(certificate?.why).toMatch(/F is not convex where the rows are \(least curvature of the potential -/);
    expect(certificate?.steps.every(({ bound }) => bound === null)).toBe(true);
    expect(certificateSays(certificate ?? null)).toContain(
      "no bound on the distance to the minimiser follows, since F is",
    );
    const pairs = { ...problem, functional: namedProblem("aggregation", createKey(0)).functional };
    expect((await certified(1, pairs)).certificate?.why).toContain("an interaction");
  });

  it("there is none of collisions", async () => {
    const { collisions } = namedProblem("landau:bkw2", createKey(0));
    expect((await certified(1, { ...problem, collisions: collisions! })).certificate).toBeNull();
    expect(certificateSays(null)).toBe("");
  });
});
