/** A baseline of Gaussians as a model that a run can keep. */
import { data, type Gaussian, type MixtureBase, type Model, mixtureModel } from "jkoflow";

/** Rows as they are: baselines are fitted in the units of the encoded table. */
const asTheyAre = (columns: readonly string[]): data.Standardizer =>
  data.createStandardizer({
    kind: "none",
    columns,
    transforms: columns.map(() => ({ kind: "none" })),
    mean: columns.map(() => 0),
    sd: columns.map(() => 1),
  });

/** `parts` are in the units of the encoded rows, of which `heldOut` has some. */
export const keptMixture = (name: string, parts: MixtureBase, heldOut: data.Table): Model =>
  mixtureModel(name, asTheyAre(heldOut.columns), parts, heldOut);

/** A Gaussian as a mixture of one component. */
export function gaussianParts({ cols, mean, whitener }: Gaussian): MixtureBase {
  const factors: number[] = [];
  for (let i = 0; i < cols; i++) for (let j = 0; j <= i; j++) factors.push(whitener[i * cols + j]);
  return { weights: Float64Array.of(1), means: mean, factors: Float64Array.from(factors) };
}
