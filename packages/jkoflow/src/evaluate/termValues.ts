/** Terms of a functional in float64, on the host: values at rows, for solvers that hold a density on a grid. */
import { interpret, type Matrix } from "../engine/interpret.ts";
import { atRows, type Term } from "../functionals/index.ts";
import { columnSum, createGraph, createProgram, gradient, type Node } from "../graph/index.ts";

const matrix = (data: Float64Array, cols: number): Matrix => ({ rows: data.length / cols, cols, data });
const stays = (y: Node) => ({ x: y, y, logDet: y.graph.constant(0) });

/** D int rho log rho, which a solver takes as diffusion. */
export const isEntropy = ({ name, needs }: Term): boolean => /^entropy/.test(name) && needs.includes("logDensity");

/** The term without its weight at rows [n, d]; of a term over pairs, twice its share: W at the rows as differences. [n] */
export function valuesAtRows(term: Term, d: number): (rows: Float64Array) => Float64Array {
  const { host } = term;
  if (host !== undefined) return (rows) => atRows(host, rows, d).values;
  const graph = createGraph();
  const y = graph.rows("y", d);
  const isPair = term.needs.includes("pair");
  const origin = graph.rows("origin", d);
  const program = createProgram({ name: term.name, outputs: { v: term.perRow(stays(y), { pair: stays(origin) }) } });
  const [{ node }] = program.outputs;
  return (rows) => {
    const leaf = ({ at }: Node): Matrix => matrix(at.name === "y" ? rows : new Float64Array(rows.length), d);
    const { data } = interpret(program, rows.length / d, leaf).get(node)!;
    return isPair ? data.map((v) => 2 * v) : data;
  };
}

/** f(r) and f'(r) of a term int f(rho) without its weight at log-densities l = log r: f = r g(l), f' = g + g'. [n] each */
export function valuesAtDensities(
  term: Term,
): (logDensity: Float64Array) => { readonly perMass: Float64Array; readonly slope: Float64Array } {
  const graph = createGraph();
  const [y, l] = [graph.rows("y", 1), graph.rows("l", 1)];
  const value = term.perRow(stays(y), { logDensity: l });
  const [slope] = gradient(columnSum(value), [l]);
  const program = createProgram({ name: term.name, outputs: { value, slope } });
  const [of, by] = ["value", "slope"].map((name) => program.outputs.find((output) => output.name === name)!.node);
  return (logDensity) => {
    const values = interpret(program, logDensity.length, ({ at }) =>
      matrix(at.name === "l" ? logDensity : new Float64Array(logDensity.length), 1),
    );
    const perMass = values.get(of)!.data;
    return { perMass, slope: values.get(by)!.data.map((v, i) => v + perMass[i]) };
  };
}
