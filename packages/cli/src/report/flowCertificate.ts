/**
 * What the convergence theory says of a flow of a table, block by block, on the judged rows in the coordinates of the model, in which the
 * target is N(0, I) and F, the KL to it, is convex by lambda = 1.
 */
import { createKey, fold, type OpenModel } from "jkoflow";
import { certify, seenResidual } from "jkoflow/theory";
import { counted, small } from "../progress/numbers.ts";
import { firstJudged, type Judged } from "./judged.ts";

export interface FlowCertificate {
  readonly coordinates: "of the model, standardised";
  readonly rows: number;
  /** Test fields of a residual: what they do not see is not in it. */
  readonly fields: number;
  readonly blocks: readonly {
    /** Null for a block that was free to move. */
    readonly stepSize: number | null;
    /** Norm of what is left of the first-order condition of the block as it was trained; nats per unit of length. */
    readonly residual: number;
    /** With two standard errors of its square. */
    readonly residualUpper: number;
    /** W_2^2 to N(0, I) is not above it, if the block is an optimal map and the fields see all. */
    readonly bound: number;
  }[];
  /** In one column every flow is an optimal map; in several a block is none in general. */
  readonly optimal: boolean;
}

/** Products of fields that are summed at most, and rows for each field at least. */
const [MOST_WORK, LEAST_PER_FIELD] = [5e7, 20];
const MOST_ROWS = 8192;
/** Fields besides one for each column. */
const OTHER_FIELDS = 13;

/** Undefined for a flow with a condition or another base than N(0, I), without blocks, and for rows too few to tell. */
export function flowCertificate({ model, flow }: OpenModel, judged: Judged, seed: number): FlowCertificate | undefined {
  const { blocks, baseMeans, baseMixture, opening } = model.flow;
  if (flow.covariates > 0 || baseMeans || baseMixture || opening || blocks.length === 0) return undefined;
  const d = model.standardizer.columns.length;
  const fields = d + OTHER_FIELDS;
  const { table } = firstJudged(judged, Math.min(MOST_ROWS, Math.floor(MOST_WORK / fields ** 2)));
  const n = table.rows;
  if (n < LEAST_PER_FIELD * fields || n < 320) return undefined;
  const places = flow.trajectory(model.standardizer.forward(table));
  const pressure = new Float64Array(n).fill(1);
  const seen = blocks.map(({ stepSize }, k) => {
    const [before, after] = [places[k], places[k + 1]];
    return seenResidual({ before, after, pull: after, pressure, stepSize }, d, fold(createKey(seed), "certificate", k));
  });
  // Of independent rows: W_2^2 is not above E|x - z|^2.
  const distance = places[0].reduce((sum, x) => sum + x ** 2 / n, 0) + d;
  const steps = seen.map(({ upper }, k) => ({ stepSize: blocks[k].stepSize, residual: upper }));
  const bounds = certify(steps, { lambda: 1, distance });
  return {
    coordinates: "of the model, standardised",
    rows: n,
    fields: seen[0].fields,
    blocks: seen.map(({ residual, upper }, k) => ({
      stepSize: Number.isFinite(blocks[k].stepSize) ? blocks[k].stepSize : null,
      residual,
      residualUpper: upper,
      bound: bounds[k].distance,
    })),
    optimal: d === 1,
  };
}

/** In words; empty where there is none. */
export function flowCertificateSays(certificate: FlowCertificate | undefined): string {
  if (certificate === undefined) return "";
  const { blocks, fields, optimal } = certificate;
  const last = blocks[blocks.length - 1];
  const largest = Math.max(...blocks.map(({ residualUpper }) => residualUpper));
  const bound = small(Math.sqrt(last.bound));
  const follows = optimal
    ? `from which W_2 to N(0, I) is at most ${bound} as far as they see`
    : `blocks are no optimal maps, for which W_2 to N(0, I) would be at most ${bound}`;
  return `Certificate, in the standardised coordinates of the model (lambda 1): blocks leave at most ${small(largest)} nats per unit of length of their first-order conditions, the last ${small(last.residual)}, as ${counted(fields, "test field")} see it on held-out rows; ${follows}.`;
}
