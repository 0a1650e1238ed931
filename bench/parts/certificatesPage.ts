/** The page of certificates. */
import { markdownTable } from "./measure.ts";
import { type Conditions, conditionsLine } from "./results.ts";

export type Figures = Readonly<Record<string, number | string>>;

export interface CertificateEntry extends Conditions {
  readonly test: string;
  readonly lines: readonly Figures[];
  readonly cpuSeconds: number;
}

const says: Readonly<Record<string, string>> = {
  E1: "Exact steps of Gaussians, random starts and targets: the largest violation of (E) by 1 + W_2^2, of the contraction, and rises of KL",
  E2: "Steps on the line whose residual has the norm eps: steps until KL <= eps^2, the number the theory asks for, KL / eps^2 where it stays, violations of (E)",
  E3: "Exact steps from .3 N(-2.5, .4^2) + .7 N(1.5, .7^2) to N(0, 1), 4,000 cells: KL and W_2^2 after the last step, the bound by the recursion, the largest violation of (E)",
  E4: "Trained maps of JKO-ICNN, rows of their own. eps: the largest residual by the score; fields: by test fields; W_2^2 at the end by sorting (one column) or of Gaussians of the moments, the bound on it; (E): the largest left side less right side over steps, by W_2 as measured; KL by the maps and by their inverses on other rows, with the difference in standard errors",
  E5: "Exact maps of Gaussians whose inverses are off by noise of a given size: how far generated rows are off (root mean square, coupled), and the bound",
  E6: "A target of two modes: F falls, and there is no bound",
  scores:
    "One exact step from N((3, 3), I) to N(0, I), h = .5: the square of the residual is 0. What estimators make of it on 2,000 rows: a kernel of variance .1 for the score and the known map, test fields, the score of the pushed density",
};

const shown = (value: number | string | undefined): string =>
  typeof value === "number" ? String(Number(value.toPrecision(4))) : (value ?? "");

export function certificatesPage(entries: Readonly<Record<string, CertificateEntry>>): string {
  const parts = Object.values(entries).flatMap(({ test, lines, cpuSeconds, ...about }) => {
    const names = [...new Set(lines.flatMap((line) => Object.keys(line)))];
    return [
      `## ${test}`,
      "",
      `${says[test]}.`,
      "",
      markdownTable([names, ...lines.map((line) => names.map((name) => shown(line[name])))]),
      "",
      `${cpuSeconds.toFixed(0)} CPU s; ${conditionsLine(about)}`,
      "",
    ];
  });
  return [
    "# Certificates where all is known",
    "",
    "`npm run bench -- certificates`. (E) is the inequality of `theory/convergence.ts`.",
    "",
    ...parts,
  ].join("\n");
}
