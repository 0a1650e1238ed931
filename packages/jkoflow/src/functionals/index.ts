export type { Also, Functional, Moved, Need, Term } from "./functional.ts";
export { entropy, interaction, internalEnergy, kl, potential, sum } from "./terms.ts";
