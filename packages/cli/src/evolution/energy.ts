/** F and its terms on rows of known log-density, by the engine: what a map that stays where it is would cost. */
import { type Engine, functionals, graph } from "jkoflow";

/** Means over rows, in the order of the terms, with their weights. */
export interface Energy {
  readonly terms: Readonly<Record<string, number>>;
  readonly total: number;
  /** Standard error of the total. */
  readonly error: number;
}

/** Partners of each row in a term over pairs: rows at so many distances. */
const PARTNERS = 64;

export interface EnergyMeter {
  /** Rows [n, d] and their log-densities [n], nats. */
  at(points: Float64Array, logDensity: Float64Array): Energy;
  dispose(): void;
}

export function createEnergyMeter(
  engine: Engine,
  functional: functionals.Functional,
  d: number,
  n: number,
): EnergyMeter {
  const g = graph.createGraph();
  const y = g.rows("y", d); // [B, d]
  const other = g.rows("other", d);
  const logDensity = g.rows("logDensity", 1);
  const none = graph.broadcast(g.constant(0), "B", 1);
  const hosts = functionals.createHostRows(engine, functional.terms, d);
  const stays = (x: graph.Node): functionals.Moved => ({ x, y: x, logDet: none });
  const outputs = Object.fromEntries(
    functional.terms.map((term, i) => [
      `term${i}`,
      graph.broadcast(
        graph.scale(term.perRow(stays(y), { logDensity, pair: stays(other), ...hosts.nodes(g) }), term.weight),
        "B",
        1,
      ),
    ]),
  );
  const program = engine.load(graph.createProgram({ name: "energy", parameters: [], outputs }));
  const tables = { y: engine.table(n, d), other: engine.table(n, d), logDensity: engine.table(n, 1) };
  const results = Object.fromEntries(Object.keys(outputs).map((name) => [name, engine.table(n, 1)]));
  // A program takes what it uses, and nothing else.
  const used = program.program.inputs.map(({ at }) => at.name);
  const inputs = Object.fromEntries(Object.entries(tables).filter(([name]) => used.includes(name)));
  const isPaired = functional.needs.includes("pair");
  return {
    at: (points, densities) => {
      const sums = functional.terms.map(() => new Float64Array(n));
      tables.y.write(Float32Array.from(points));
      hosts.fill(points);
      tables.logDensity.write(Float32Array.from(densities));
      const rounds = isPaired ? Math.min(PARTNERS, n - 1) : 1;
      for (let round = 1; round <= rounds; round++) {
        const shift = d * Math.max(1, Math.floor((round * n) / (rounds + 1)));
        tables.other.write(Float32Array.from(points, (_, i) => points[(i + shift) % points.length]));
        program.run({ inputs: { ...inputs, ...hosts.sources(0) }, rows: n, outputs: results });
        functional.terms.forEach((_, i) => {
          results[`term${i}`].read().forEach((value, row) => {
            sums[i][row] += value / rounds;
          });
        });
      }
      const mean = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / n;
      const totals = sums[0].map((_, row) => sums.reduce((sum, values) => sum + values[row], 0));
      const total = mean(totals);
      const variance = totals.reduce((sum, value) => sum + (value - total) ** 2, 0) / (n - 1);
      const terms = Object.fromEntries(functional.terms.map(({ name }, i) => [name, mean(sums[i])]));
      return { terms, total, error: Math.sqrt(variance / n) };
    },
    dispose: () => {
      for (const table of [...Object.values(tables), ...Object.values(results)]) table.dispose();
      program.dispose();
      hosts.dispose();
    },
  };
}
