/** The certificate of a run: on maps that are exact, on maps that stop half way, and where the theory says nothing. */
import { createEngine, createKey, distributions, type Engine, type EvolutionProblem, functionals } from "jkoflow";
import { gaussianJkoStep } from "jkoflow/evaluate";
import { namedProblem } from "jkoflow/problems";
import { gaussianDistance, gaussianResidual } from "jkoflow/theory";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type OpenFlow, pushAlong } from "../src/evolution/along.ts";
import { certificateOf } from "../src/evolution/certificate.ts";
import { certificateSays } from "../src/evolution/certificateWords.ts";
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
  const flow: OpenFlow = { start, maps, step: STEP, times: states.map((_, k) => k * STEP) };
  return { flow, states };
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
    expect(certificate.distance).toBeGreaterThan(gaussianDistance(states[0], minimiser));
    expect(certificate.by).toBe("score");
    expect(certificate.largest).toBeLessThan(1e-5); // slopes of float32
    expect(certificate.seen).toBeLessThan(0.15); // six steps of noise of 4,096 rows
    expect(certificate.turn).toBe(0); // on the line every increasing map is a gradient
    certificate.steps.forEach(({ bound, closed }, k) => {
      expect(bound).toBeGreaterThanOrEqual(gaussianDistance(states[k + 1], minimiser));
      expect(closed).toBeCloseTo(bound!, 8);
    });
    const ways = certificate.bothWays!;
    expect(ways.densityGap).toBeLessThan(1e-12);
    expect(ways.inverseError).toBeLessThan(1e-12);
    const { along, back } = ways.energies!;
    expect(Math.abs(along.total - back.total)).toBeLessThan(3 * Math.hypot(along.error, back.error));
    expect(certificateSays(certificate)).toMatch(
      /^The first-order condition is left by at most \d.* by the score .* W_2 to the minimiser is at most .*convex by 2, the least/,
    );
  });

  it("of steps that stop half way: what is left is seen, and the bound holds still", async () => {
    const { certificate, states } = await certified(0.5);
    if (certificate === null) throw new Error("none");
    certificate.steps.forEach(({ residual, residualUpper }, k) => {
      const map = one(Math.sqrt(states[k + 1].covariance[0] / states[k].covariance[0]));
      const truth = gaussianResidual(states[k], { ...states[k + 1], map, moved: 0 }, target, STEP);
      expect(Math.abs(residual - truth)).toBeLessThan(0.05 * truth); // 1,365 rows
      expect(residualUpper).toBeGreaterThan(truth);
    });
    expect(certificate.seen).toBeGreaterThan(0.9 * certificate.steps[0].residual); // it is affine: fields see it all
    expect(certificate.seen).toBeLessThan(certificate.largest);
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

  it("of inverses that are off: what they do to a generated row, and densities that no longer belong together", async () => {
    const { flow } = flowOf(1);
    const off = 1e-3;
    const shaken = flow.maps.map((map) => ({
      ...map,
      invert: (y: ArrayLike<number>, x: Float64Array) => {
        const log = map.invert!(y, x);
        x[0] += off;
        return log;
      },
    }));
    const along = pushAlong(flow, createKey(1), ROWS);
    const pause = async () => {};
    const energies = await energiesOf(engine, problem, along, ROWS, pause);
    const wrong = { ...flow, maps: shaken };
    const certificate = await certificateOf(
      { engine, problem, flow: wrong, along, energies, key: createKey(2) },
      pause,
    );
    const { inverseDrift, inverseError, densityGap } = certificate!.bothWays!;
    // Every inverse is off by 1e-3, stretched by those after it.
    let exact = 0;
    const slopes = flowOf(1).states.map(({ covariance }) => Math.sqrt(covariance[0]));
    for (let k = STEPS; k > 0; k--) exact = (slopes[k - 1] / slopes[k]) * exact + off;
    expect(inverseError).toBeGreaterThan(0.5 * off);
    expect(inverseDrift).toBeGreaterThanOrEqual(exact * (1 - 1e-6));
    expect(inverseDrift).toBeLessThan(1.5 * exact);
    expect(densityGap).toBeGreaterThan(1e-4);
  });

  it("of maps that turn: no bound, since they are not optimal", async () => {
    const turned = {
      push: (x: ArrayLike<number>, y: Float64Array) => {
        [y[0], y[1]] = [x[0] - 0.1 * x[1], x[1] + 0.1 * x[0]];
        return Math.log(1.01);
      },
    };
    const plane: EvolutionProblem = {
      ...{ ...problem, dimension: 2, columns: ["x", "y"], start: distributions.standardNormal(2) },
      functional: functionals.kl(distributions.standardNormal(2)),
    };
    const flow: OpenFlow = { start: plane.start, maps: [turned], step: STEP, times: [0, STEP] };
    const along = pushAlong(flow, createKey(1), ROWS);
    const pause = async () => {};
    const energies = await energiesOf(engine, plane, along, ROWS, pause);
    const certificate = await certificateOf(
      { engine, problem: plane, flow, along, energies, key: createKey(2) },
      pause,
    );
    expect(certificate?.turn).toBeCloseTo(0.2, 5);
    expect(certificate?.why).toContain("the maps are no gradients");
    expect(certificate?.bothWays).toBeNull();
    expect(certificateSays(certificate!)).toContain(
      "no bound on the distance to the minimiser follows, since the maps",
    );
  });

  it("there is none of collisions", async () => {
    const { collisions } = namedProblem("landau:bkw2", createKey(0));
    expect((await certified(1, { ...problem, collisions: collisions! })).certificate).toBeNull();
    expect(certificateSays(null)).toBe("");
  });
});
