/** Toys that are curves with Gaussian noise: moons, rings, circles, Swiss roll, spirals, rose. */
import { cosTurns, sinTurns } from "../../random/index.ts";
import { createCurveToy, type NoisyCurve } from "./curve.ts";
import type { Toy } from "./toy.ts";

/**
 * Two interleaved half circles, noise 0.1, then doubled and shifted by (-1, -0.2): scikit-learn's `make_moons` in the
 * scale of FFJORD (W. Grathwohl et al., ICLR 2019, arXiv:1810.01367), with uniform instead of evenly spaced angles.
 * Entropy 2.394 nats.
 */
export const moons: Toy = createCurveToy({
  name: "moons",
  title: "Two moons",
  kind: "open",
  branches: 2,
  sd: 0.2,
  speed: 2 * Math.PI,
  point: (branch, t, out) => moon(branch, t, out),
});

/** The arcs of the moons, each a distribution of its own. */
export const moonArcs: readonly Toy[] = [0, 1].map((arc) =>
  createCurveToy({
    name: `moonArc${arc}`,
    title: arc === 0 ? "Upper moon" : "Lower moon",
    kind: "open",
    branches: 1,
    sd: 0.2,
    speed: 2 * Math.PI,
    point: (_, t, out) => moon(arc, t, out),
  }),
);

/** Four concentric circles of radius 3, 2.25, 1.5 and 0.75, noise 0.08 (FFJORD's "rings"). */
export const rings: Toy = createCurveToy({
  name: "rings",
  title: "Four rings",
  kind: "closed",
  branches: 4,
  sd: 0.08,
  speed: 6 * Math.PI,
  point: (branch, t, out) => circle(3 - 0.75 * branch, t, out),
});

/** Two concentric circles of radius 3 and 1.5, noise 0.24 (FFJORD's "circles"). */
export const circles: Toy = createCurveToy({
  name: "circles",
  title: "Two circles",
  kind: "closed",
  branches: 2,
  sd: 0.24,
  speed: 6 * Math.PI,
  point: (branch, t, out) => circle(3 - 1.5 * branch, t, out),
});

/**
 * s (cos s, sin s) / 5 with s uniform in [1.5 pi, 4.5 pi], noise 0.2: scikit-learn's `make_swiss_roll` seen along its
 * axis, in the scale of FFJORD.
 */
export const swissRoll: Toy = createCurveToy({
  name: "swissRoll",
  title: "Swiss roll",
  kind: "open",
  branches: 1,
  sd: 0.2,
  speed: (3 * Math.PI * 4.6 * Math.PI) / 5, // |c'(s)| <= sqrt(s^2 + 1) / 5
  point: (_, t, out) => {
    const turns = 0.75 + 1.5 * t;
    const s = 2 * Math.PI * turns;
    out[0] = (s * cosTurns(turns)) / 5;
    out[1] = (s * sinTurns(turns)) / 5;
  },
});

/** Two arms s (-cos s, sin s) / 3 and their opposite, s = 3 pi sqrt(u), noise 0.1. */
export const spiralCurve: NoisyCurve = {
  name: "spirals",
  title: "Two spirals",
  kind: "open",
  branches: 2,
  sd: 0.1,
  speed: (3 * Math.PI * 3.1 * Math.PI) / 3,
  parameter: Math.sqrt,
  weight: (t) => 2 * t,
  point: (branch, t, out) => {
    const sign = branch === 0 ? 1 : -1;
    const s = 3 * Math.PI * t;
    out[0] = (-sign * s * cosTurns(1.5 * t)) / 3;
    out[1] = (sign * s * sinTurns(1.5 * t)) / 3;
  },
};

/** The two spirals without the uniform noise that FFJORD's "2spirals" has in addition; those are `twoSpirals`. */
export const spirals: Toy = createCurveToy(spiralCurve);

/** A rose of five petals (G. Grandi, 1728): r = 3.5 cos(5 a), a uniform in [0, pi), noise 0.12. */
export const rose: Toy = createCurveToy({
  name: "rose",
  title: "Rose",
  kind: "closed",
  branches: 1,
  sd: 0.12,
  speed: 17.5 * Math.PI,
  point: (_, t, out) => circle(3.5 * cosTurns(2.5 * t), t / 2, out),
});

function circle(radius: number, turns: number, out: Float64Array): void {
  out[0] = radius * cosTurns(turns);
  out[1] = radius * sinTurns(turns);
}

function moon(arc: number, t: number, out: Float64Array): void {
  const c = cosTurns(t / 2);
  const s = sinTurns(t / 2);
  out[0] = 2 * (arc === 0 ? c : 1 - c) - 1;
  out[1] = 2 * (arc === 0 ? s : 0.5 - s) - 0.2;
}
