/**
 * Targets by name: log-densities that samplers are judged on.
 *
 *   banana     N(0, 1) in x, N(x^2, 1/4) in y (H. Haario, E. Saksman, J. Tamminen, Comput. Statist. 14 (1999), 375-395, bent)
 */
import type { NamedProblem } from "./named.ts";
import { ownProblem } from "./own.ts";

export const namedTargets: Readonly<Record<string, NamedProblem>> = {
  banana: {
    says: "a bent Gaussian in the plane: y is near x^2",
    dimensions: [2, 2],
    times: { time: 4, step: 0.2 },
    make: (_, __, times) => ({
      ...ownProblem({ start: "normal:2", logDensity: "-x^2/2 - 2*(y - x^2)^2", ...times }),
      title: "KL to a banana",
    }),
  },
};
