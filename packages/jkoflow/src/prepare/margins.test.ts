import { describe, expect, it } from "vitest";
import { createTable, fitStandardizer, type Table, toys } from "../data/index.ts";
import { fitMixture, scoreLogProb } from "../evaluate/index.ts";
import { categorical, createKey, fold, normal, uniform } from "../random/index.ts";
import { marginGain, wantsMargins } from "./margins.ts";
import { chooseStandardizer, settingsOf } from "./standardizer.ts";

type Draw = (name: string, rows: number) => Table;

const gaussian: Draw = (name, rows) => {
  const z = normal(fold(createKey("gaussian"), name), 2 * rows);
  return createTable(
    z.map((value, at) => (at % 2 === 0 ? value : 0.6 * z[at - 1] + 0.8 * value)),
    ["x", "y"],
  );
};
/** The same rounded to a tenth: a density of ties has no bound, and must not be what is gained. */
const rounded: Draw = (name, rows) => {
  const { values, columns } = gaussian(name, rows);
  return createTable(
    values.map((value) => Math.round(10 * value) / 10),
    columns,
  );
};
const moons: Draw = (name, rows) => createTable(toys.moons.sample(createKey(name), rows), ["x", "y"]);
/** A third of the values within a thousandth of each other. */
const spikes: Draw = (name, rows) => {
  const { values, columns } = gaussian(name, rows);
  const u = uniform(fold(createKey("spikes"), name), 2 * rows);
  return createTable(
    values.map((value, at) => (u[at] < 1 / 3 ? 0.5 + value / 1000 : value)),
    columns,
  );
};

const choiceOf = (draw: Draw) => {
  const problem = { train: draw("train", 2000), validation: draw("validation", 400) };
  return { wanted: wantsMargins(problem), transform: settingsOf(chooseStandardizer(problem)).transform };
};

describe("margins by default", () => {
  it.each([
    ["a Gaussian", gaussian],
    ["rounded values", rounded],
    ["moons", moons],
  ] as const)("not for %s", (_, draw) => {
    const { wanted, transform } = choiceOf(draw);
    expect(wanted).toBe(false);
    expect(transform).toBe("none");
  });

  it("for columns with spikes", () => {
    const { wanted, transform } = choiceOf(spikes);
    expect(wanted).toBe(true);
    expect(transform).toBe("margins");
  });

  it("not for many columns of normal numbers, whose mixtures over-fit, and not beyond 128 columns", () => {
    const draw = (name: string, rows: number, d: number): Table =>
      createTable(
        normal(fold(createKey("wide"), name), rows * d),
        Array.from({ length: d }, (_, k) => `c${k}`),
      );
    const wide = { train: draw("train", 400, 40), validation: draw("validation", 200, 40) };
    expect(Number.isFinite(marginGain(wide).mean)).toBe(true);
    expect(wantsMargins(wide)).toBe(false);
    const wider = { train: draw("train", 300, 2000), validation: draw("validation", 50, 2000) };
    expect(wantsMargins(wider)).toBe(false);
  });
});

describe("whole numbers with noise in their cells", () => {
  /** P(k) of k = 0, ..., 5: far from any normal, and known. */
  const P = [0.4, 0.02, 0.3, 0.03, 0.05, 0.2];
  const cells: Draw = (name, rows) => {
    const [which, u] = [
      categorical(fold(createKey("which"), name), 2 * rows, P),
      uniform(fold(createKey("u"), name), 2 * rows),
    ];
    return createTable(
      Float32Array.from(which, (k, at) => Math.min(k + u[at], k + 1 - 2 ** -20)),
      ["x", "y"],
    );
  };

  it("are put behind margins, which cannot say more than the probability of the cells", () => {
    const [train, validation, fresh] = [cells("train", 4000), cells("validation", 1000), cells("fresh", 4000)];
    expect(wantsMargins({ train, validation })).toBe(true);
    const space = fitStandardizer(train, { kind: "zscore", transform: "margins", heldOut: validation });
    expect(settingsOf(space).transform).toBe("margins");
    // Any density of x + u has E ln p <= 2 sum P ln P (Gibbs), that of the cells.
    const target = fitMixture(space.forward(train), space.forward(validation), 2, createKey("target"));
    const scale = space.logAbsDet(fresh);
    const logProb = target.logProb(space.forward(fresh), fresh.rows).map((value, i) => value + scale[i]);
    const { nll, standardError } = scoreLogProb(logProb);
    const entropy = -2 * P.reduce((sum, p) => sum + p * Math.log(p), 0);
    expect(nll).toBeGreaterThan(entropy - 3 * standardError);
    expect(nll).toBeLessThan(entropy + 0.25); // and say nearly as much
  });
});
