/** What a cheap rival of a flow is given. */
import type { Engine, EvolutionProblem, Key } from "jkoflow";
import type { ReportExtent } from "../config/reportExtent.ts";
import type { Along, OpenFlow } from "./along.ts";

export interface Against {
  readonly engine: Engine;
  readonly problem: EvolutionProblem;
  readonly flow: OpenFlow;
  readonly along: Along;
  readonly extent: ReportExtent;
  readonly key: Key;
  /** Whether what counts is the end alone: a target, which can be sampled without a flow. */
  readonly isTarget: boolean;
}
