/**
 * jkoflow: probability flows trained by the Jordan-Kinderlehrer-Otto scheme, with exact densities.
 *
 * In the order a reader needs them: an engine computes; a system trains a model on a table; a model scores and samples.
 */

export * as chain from "./chain/index.ts";
export * as data from "./data/index.ts";
export * as distributions from "./distributions/index.ts";
export * from "./engine/index.ts";
export * from "./errors/index.ts";
export * from "./evaluate/index.ts";
export * as expressions from "./expressions/index.ts";
export * from "./flow/index.ts";
export * as functionals from "./functionals/index.ts";
export * as graph from "./graph/index.ts";
export * as io from "./io/index.ts";
export * as jko from "./jko/index.ts";
export * as maps from "./maps/index.ts";
export * as nn from "./nn/index.ts";
export * as ode from "./ode/index.ts";
export * as problems from "./problems/index.ts";
export * from "./random/index.ts";
export * from "./systems/index.ts";
