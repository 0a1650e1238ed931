/** Mixtures of Gaussians on a circle and on a grid. */
import { cosTurns, sinTurns } from "../../random/index.ts";
import { createMixtureDensity, type Mixture, sampleMixture } from "./mixture.ts";
import type { Toy } from "./toy.ts";

// biome-ignore lint/suspicious/noApproximativeNumericConstant: FFJORD divides by 1.414, not by the root of 2
const SHRINK = 1.414;

/**
 * Eight Gaussians of sd 0.5 on a circle of radius 4, all divided by 1.414 (FFJORD, W. Grathwohl et al., ICLR 2019,
 * arXiv:1810.01367). Entropy 2.832 nats.
 */
export const eightGaussians: Toy = createMixtureToy("eightGaussians", "Eight Gaussians", () => {
  const centres = Float64Array.from({ length: 16 }, (_, at) => {
    const turns = Math.floor(at / 2) / 8;
    return (4 / SHRINK) * (at % 2 === 0 ? cosTurns(turns) : sinTurns(turns));
  });
  return { centres, weights: new Float64Array(8).fill(1), sdX: 0.5 / SHRINK, sdY: 0.5 / SHRINK };
});

/** Twenty-five Gaussians of sd 0.2 at the points of {-4, -2, 0, 2, 4} x {-4, -2, 0, 2, 4}. */
export const gaussianGrid: Toy = createMixtureToy("gaussianGrid", "Grid of 25 Gaussians", () => {
  const centres = Float64Array.from({ length: 50 }, (_, at) => {
    const j = Math.floor(at / 2);
    return 2 * (at % 2 === 0 ? Math.floor(j / 5) : j % 5) - 4;
  });
  return { centres, weights: new Float64Array(25).fill(1), sdX: 0.2, sdY: 0.2 };
});

function createMixtureToy(name: string, title: string, create: () => Mixture): Toy {
  let density: ((x: number, y: number) => number) | undefined; // made when first needed
  return {
    name,
    title,
    dimension: 2,
    sample: (key, n) => sampleMixture(create(), key, n),
    logDensity: (x, y) => {
      density ??= createMixtureDensity(create());
      return density(x, y);
    },
  };
}
