/** The check of the first argument of what computes. */
import { cameOf, isPromise } from "../errors/came.ts";
import { InputError } from "../errors/errors.ts";
import type { Engine } from "./engine.ts";

/** @throws InputError for what is not an engine, such as one that was not awaited. */
export function checkEngine(engine: Engine): void {
  const given: Partial<Engine> = engine ?? {};
  if (typeof given.load === "function" && typeof given.table === "function") return;
  const fix = isPromise(engine) ? "await it" : "make one: await createEngine()";
  throw new InputError({ where: "engine", came: cameOf(engine), expected: "an engine", fix });
}
