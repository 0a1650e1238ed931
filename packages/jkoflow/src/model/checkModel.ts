/** The check that something is a model, as against what it came in or will become; what its parts hold is not looked at. */
import { cameOf, isPromise } from "../errors/came.ts";
import { InputError } from "../errors/index.ts";

/** What a model has, as far as it is looked at; anything may come in its place. */
interface Parts {
  readonly standardizer?: { readonly forward?: unknown; readonly inverse?: unknown };
  readonly flow?: { readonly block?: { readonly field?: unknown }; readonly blocks?: unknown };
  /** Of the result of a training, which is no model but has one. */
  readonly model?: unknown;
}

/** @throws InputError for what is not a model, saying what to do with it or which part is missing. */
export function checkModel(model: Parts): void {
  const given: Parts = model ?? {};
  const refuse = (came: string, fix?: string, place?: string): never => {
    throw new InputError({ where: "model", place, came, expected: "a model, as of fit or decodeModel", fix });
  };
  if (typeof model !== "object" || model === null || Array.isArray(model)) refuse(cameOf(model));
  if (isPromise(model)) refuse("a promise", "await it");
  if (ArrayBuffer.isView(model)) refuse(cameOf(model), "for the bytes of a file: decodeModel(bytes)");
  if (given.model !== undefined) refuse(cameOf(model), "take the model of it: .model");
  const { standardizer, flow } = given;
  if (standardizer === undefined && flow === undefined) refuse(cameOf(model));
  const standardizes = typeof standardizer?.forward === "function" && typeof standardizer.inverse === "function";
  if (!standardizes) refuse(cameOf(standardizer), "keep models as files: encodeModel, decodeModel", "standardizer");
  if (!(flow?.block?.field && Array.isArray(flow.blocks))) refuse(cameOf(flow), undefined, "flow");
}
