/** The porous medium and functionals whose steady states are known. */
import { barenblatt } from "../../packages/jkoflow/src/distributions/index.ts";
import { porousStep } from "../../packages/jkoflow/src/evaluate/barenblattFlow.ts";
import { internalEnergy } from "../../packages/jkoflow/src/functionals/index.ts";
import { log, mul, type Node, scale, squaredNorm, sub } from "../../packages/jkoflow/src/graph/index.ts";
import type { EvolutionProblem } from "../../packages/jkoflow/src/systems/index.ts";
import {
  type EvolutionTest,
  endsOf,
  type Figures,
  lastOf,
  logDensityGap,
  namesOf,
  pairEnergy,
  risesOf,
} from "./evolutionJudge.ts";

export function porous(d: number, h: number): EvolutionTest {
  const [m, steps] = [2, 10];
  const exponent = 1 / (d * (m - 1) + 2);
  const start = barenblatt(d, m, 1e-3 ** exponent);
  const exactScale = (): number => {
    let s = start.scale;
    for (let k = 0; k < steps; k++) s = porousStep({ dimension: d, m }, s, h);
    return s;
  };
  return {
    of: "seeds",
    problem: () => ({
      title: `porous medium, m = 2, d = ${d}`,
      dimension: d,
      columns: namesOf(d),
      start,
      functional: internalEnergy(m),
      time: steps * h,
      step: h,
    }),
    judge: (trained) => {
      const exact = barenblatt(d, m, exactScale());
      // By the same rows at both ends: a map that scales scales every row.
      const [before, after] = endsOf(trained).secondMoments;
      const scale = start.scale * Math.sqrt(after / before);
      return {
        ...lastOf(trained),
        exactEnergy: exact.energy,
        scale,
        exactScale: exact.scale,
        logDensityL1: logDensityGap(trained, exact),
        rises: risesOf(trained),
      };
    },
    expected: "scale after 10 steps, within 0.5 %",
  };
}

export const logKernel = (z: Node): Node => {
  const squares = squaredNorm(z);
  return sub(scale(squares, 1 / 2), scale(log(squares), 1 / 2)); // r^2/2 - log r
};
export const ringKernel = (z: Node): Node => {
  const squares = squaredNorm(z);
  return sub(scale(mul(squares, squares), 1 / 4), scale(squares, 1 / 2));
};
export function steady(
  title: string,
  problem: Pick<EvolutionProblem, "start" | "functional" | "time" | "step">,
  exactEnergy: number,
  expected: string,
  /** W of a distance, where F is an interaction. */
  kernel?: (r: number) => number,
): EvolutionTest {
  return {
    of: "seeds",
    problem: () => ({
      title,
      dimension: problem.start.dimension,
      columns: namesOf(problem.start.dimension),
      ...problem,
    }),
    judge: (trained) => {
      const pairs: Figures = kernel ? { pairEnergy: pairEnergy(trained, kernel) } : {};
      return {
        ...lastOf(trained),
        ...pairs,
        exactEnergy,
        meanRadius: endsOf(trained).meanRadius,
        rises: risesOf(trained),
      };
    },
    expected,
  };
}
