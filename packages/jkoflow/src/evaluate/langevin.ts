/**
 * The cheap rival of every flow of a KL: particles of the Langevin equation by the method of Euler and Maruyama,
 *
 *   dx = -grad V(x) dt + sqrt(2 D) dW,      x <- x - dt grad V(x) + sqrt(2 D dt) z,  z ~ N(0, I)
 *
 * G. Maruyama, Rend. Circ. Mat. Palermo 4 (1955), 48-90. Its density solves the Fokker-Planck equation, up to an error of order
 * dt: for V = a x^2 / 2 the stationary variance is D / (a (1 - a dt / 2)). It gives rows, no density: see kernelEstimate.ts.
 */
import type { Distribution } from "../distributions/index.ts";
import type { Engine } from "../engine/index.ts";
import { InputError } from "../errors/index.ts";
import { add, columnSum, createGraph, createProgram, gradient, mul, type Node, sub } from "../graph/index.ts";
import { fold, type Key, normal } from "../random/index.ts";

/** What moves the particles. */
export interface Langevin {
  readonly start: Distribution;
  /** V of rows [B, d]: [B, 1] */
  readonly potential: (x: Node) => Node;
  /** D; default 1. */
  readonly diffusion?: number;
}

/** n rows [n, d] at a time, in steps of dt. @throws InputError for a start without samples and for times that are none. */
export function eulerMaruyama(
  engine: Engine,
  { start, potential, diffusion = 1 }: Langevin,
  { time, dt }: { readonly time: number; readonly dt: number },
  n: number,
  key: Key,
): Float32Array {
  const steps = Math.round(time / dt);
  if (!(dt > 0 && Number.isFinite(time) && Math.abs(steps * dt - time) < 1e-9 * (1 + time))) {
    throw new InputError({ where: "time", came: `${time} by ${dt}`, expected: "a whole number of steps" });
  }
  if (!start.sample) throw new InputError({ where: "start", came: start.title, expected: "one that gives samples" });
  const d = start.dimension;
  const graph = createGraph();
  const [x, z] = [graph.rows("x", d), graph.rows("z", d)];
  const [slope] = gradient(columnSum(potential(x)), [x]);
  const moved = add(sub(x, mul(slope, graph.scalar("dt"))), mul(z, graph.scalar("noise")));
  const program = engine.load(createProgram({ name: "Euler-Maruyama", outputs: { x: moved } }));
  const rows = engine.table(n, d, start.sample(fold(key, "start"), n));
  const noise = engine.table(n, d);
  try {
    for (let k = 0; k < steps; k++) {
      noise.write(normal(fold(key, "noise", k), n * d));
      const scalars = { dt, noise: Math.sqrt(2 * diffusion * dt) };
      program.run({ inputs: { x: rows, z: noise }, scalars, rows: n, outputs: { x: rows } });
    }
    return rows.read();
  } finally {
    rows.dispose();
    noise.dispose();
    program.dispose();
  }
}
