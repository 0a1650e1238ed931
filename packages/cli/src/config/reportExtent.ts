/** How much is found out about a run after its training, and what makes up for the rest. */

/**
 * "none": the likelihood of the flow. "quick": the baselines too, a page and one figure. "full": tests of fit and all
 * figures too.
 */
export type ReportExtent = "none" | "quick" | "full";

export const reportExtents: readonly ReportExtent[] = ["none", "quick", "full"];

/**
 * What a run with less than a full report went without, and the commands that give it. Of a run whose model is chosen by held-out
 * rows the baselines are fitted for any report.
 */
export function leftOut(
  { report, baselines }: { readonly report?: ReportExtent; readonly baselines: readonly unknown[] },
  folder: string,
): string | undefined {
  const extent = report ?? "full";
  if (extent === "full") return undefined;
  const tests = `jko evaluate ${folder} --all`;
  if (extent === "quick") {
    return `--report quick: no tests of fit and one figure; ${tests} tests the samples, jko plot ${folder} draws the others`;
  }
  if (baselines.length > 0) {
    return `--report none: no tests of fit, figures or page; ${tests} tests the samples, jko plot ${folder} draws the figures; --keep flow does without the baselines, one of which may be the model`;
  }
  return `--report none: no baselines, tests of fit, figures or page; ${tests} gives the first two, jko plot ${folder} the figures`;
}
