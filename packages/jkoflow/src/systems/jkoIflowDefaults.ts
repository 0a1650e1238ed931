/** Settings of JKO-iFlow for a table nobody tuned for, by its size and by what is wished for. */
import { fitStandardizer, type Problem } from "../data/index.ts";
import { chooseStandardizer, neighbourGap, settingsOf, standardizeOptions } from "../prepare/index.ts";
import { fold, type Key } from "../random/index.ts";
import { defaultsOf, PLANE, SMALL_TABLE, withEffort } from "../settings/index.ts";
import { type JkoIflowSettings, settings } from "./jkoIflowSettings.ts";
import type { Wish } from "./system.ts";

/**
 * Noise on the rows of a small table when anomalies are what counts, in standard deviations of the columns. A density that
 * follows atoms, rounding and dependent columns to the last digit ranks rows by them; a blurred one by how far off they are.
 * It costs likelihood, so it is not for density estimation.
 */
const ANOMALY_JITTER = 0.2;

/**
 * Width of the kernels that are averaged with such a flow, in distances between nearest neighbours: about the best
 * likelihood that kernels have on held-out rows. AUROC hardly depends on it from 0.7 to 2.
 */
const KERNEL_WIDTH = 1.4;

/**
 * Defaults for a table nobody tuned for. A small one over-fits: it gets weight decay, small batches and a softer activation. Widths, rates and noise follow measurements on tables of 2 to 63 columns
 * (docs/notebook/jko-iflow.md). Many rows in few columns have edges to be fitted rather than noise to be kept out: kinks are sharp,
 * the rate is high, blocks are short and many, and each goes on to the end of its schedule: most of its gain comes when the
 * rate falls. Such blocks are stiff, so they get one more solver step.
 */
export function defaults(problem: Problem, key: Key, wish: Wish = {}): JkoIflowSettings {
  const { train, conditions } = problem;
  const { purpose = "density", effort } = wish;
  const d = train.columns.length;
  const small = train.rows < SMALL_TABLE;
  const plane = d <= PLANE;
  const edges = plane && !small;
  const width = small && plane ? 64 : d <= 48 ? 128 : 256;
  const blurred = purpose === "anomalies" && small;
  const standardizer = blurred
    ? fitStandardizer(train, standardizeOptions(problem, "zscore", "auto"))
    : chooseStandardizer(problem);
  const gap = neighbourGap(train, standardizer, fold(key, "jitter"));
  const round = (x: number): number => Number(x.toPrecision(3));
  const normal: JkoIflowSettings = {
    ...defaultsOf(settings),
    ...settingsOf(standardizer),
    hidden: [width, width],
    beta: small ? 5 : edges ? 60 : 20,
    stepSizes: edges ? [4] : small && d > 16 ? [4, 8] : [1, 2, 4, 8],
    updates: small ? 600 : 1000,
    batchSize: small ? Math.min(train.rows, train.rows < SMALL_TABLE / 4 ? 125 : 250) : 500,
    learningRate: edges ? 7e-3 : plane && !blurred ? 1e-2 : 5e-3,
    weightDecay: small ? round(Math.min(1.5, d / 20)) : 0,
    jitter: round(Math.max(0.4 * gap, blurred ? ANOMALY_JITTER : 0)),
    clip: round(Math.sqrt(d)),
    solverSteps: d > 16 ? 2 : edges ? 4 : 3,
    evaluateEvery: small ? 50 : 100,
    patience: edges ? 8 : 5,
    acceptance: small && !blurred ? "clear" : "any", // anomalies are ranked by any flow rather than by none
    roundUpdates: small ? 1000 : 500,
    jointUpdates: small ? 400 : plane ? 2000 : 800,
    jointRate: small ? 3e-4 : 1e-3,
    jointJitter: small ? round(0.1 * gap) : 0, // a quarter of what a block bears alone
    jointTransport: edges ? 0.1 : 0,
    jointAveraging: edges ? 0.99 : 0,
    kernelWidth: blurred && !conditions && gap > 0 && Number.isFinite(gap) ? round(KERNEL_WIDTH * gap) : 0,
  };
  const share = small && plane ? 2 / 3 : 1 / 3; // in the plane a small table takes seconds, and a third is too little for it
  return withEffort(normal, effort, longer(normal), share);
}

/**
 * On few rows the late blocks of a growth only follow noise once the early ones have their equal share of the way. In the
 * plane the edges want ever shorter blocks: all of the effort goes into those that are split.
 */
const longer = ({ blocks, weightDecay, jointAveraging }: JkoIflowSettings): Partial<JkoIflowSettings> => ({
  stages: jointAveraging > 0 ? "reparameterise,refine-joint,refine-joint" : "reparameterise,joint,refine-joint",
  blocks: weightDecay > 0 ? 5 : blocks,
});
