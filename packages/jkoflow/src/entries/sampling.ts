/** What the package offers of sampling/. */
export {
  type Bridge,
  type Described,
  describeRows,
  type Evaluated,
  type Evaluator,
  evaluated,
  evaluatorOf,
  hmcMove,
  type Leapfrog,
  logZOf,
  type Particles,
  type Pilot,
  type SmcSettings,
  type SmcState,
  smc,
  targetOf,
} from "../sampling/index.ts";
