export { sum } from "./build.ts";
export type { Also, Functional, Moved, Need, PathIntegral, Term } from "./functional.ts";
export { pathIntegrals } from "./functional.ts";
export { hjb, jacobian, kinetic, likelihood, movement, transport } from "./pathTerms.ts";
export { entropy, interaction, internalEnergy, kl, potential } from "./terms.ts";
