export { type Bound, entropyBound, powerBound, type Reference } from "./bound.ts";
export { boundedTerm } from "./boundedTerm.ts";
export { sum } from "./build.ts";
export { jsToRows, klToRows } from "./fromRows.ts";
export type {
  Also,
  AtRows,
  Functional,
  HostFunction,
  HostNodes,
  HostTogether,
  Moved,
  Need,
  PathIntegral,
  Term,
} from "./functional.ts";
export { pathIntegrals } from "./functional.ts";
export { atRows, createHostRows, type HostRows } from "./host.ts";
export { hjb, jacobian, kinetic, likelihood, movement, transport } from "./pathTerms.ts";
export { sinkhornToRows } from "./sinkhornToRows.ts";
export { entropy, hostBatchPotential, hostPotential, interaction, internalEnergy, kl, potential } from "./terms.ts";
