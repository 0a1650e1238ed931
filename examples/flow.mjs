import { createEngine, createKey, jkoIcnn, problems } from "jkoflow";

// A Fokker-Planck equation: F = int (x^2/2 + 2 y^2) rho + int rho log rho, from N(0, I), by four steps of the scheme.
const engine = await createEngine();
const problem = problems.ownProblem({ start: "normal:2", potential: "x^2/2 + 2*y^2", time: 0.2, step: 0.05 });
const settings = { ...jkoIcnn.defaults(problem), width: 16, updates: 150, poolRows: 4000, heldOutRows: 4000 };
for await (const { type, place, values } of jkoIcnn.run({ engine, problem, settings, key: createKey(1) })) {
  if (type === "step") console.log(place.join(", "), `F = ${Number(values.energy).toFixed(3)}`);
}
engine.dispose();
