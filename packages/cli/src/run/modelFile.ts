/** A model from a run directory or a model file. */
import { createHash } from "node:crypto";
import fs from "node:fs";
import { join } from "node:path";
import { chain, decodeModel, InputError, type Model } from "jkoflow";
import { readInside } from "../files/inside.ts";
import { readFileOf } from "../files/readFile.ts";
import { isRun, verbOf } from "./runFolder.ts";

export interface ModelFile {
  readonly model: Model;
  /** Of the model file. */
  readonly path: string;
  readonly sha256: string;
  readonly bytes: number;
  /** The run directory, where it was given. */
  readonly run?: string;
}

/** A chain of maps in a file, without the problem that it is a flow of. */
export interface ChainFile {
  readonly stored: chain.Chain;
  readonly path: string;
  readonly sha256: string;
  readonly bytes: number;
}

/** The chain in a file, or in model.safetensors of a folder that is no run; undefined for everything else. @throws InputError for a damaged one. */
export function readChainFile(path: string): ChainFile | undefined {
  const folder = fs.existsSync(path) && fs.statSync(path).isDirectory();
  const file = folder && !isRun(path) ? join(path, "model.safetensors") : path;
  if (!(fs.existsSync(file) && fs.statSync(file).isFile())) return undefined;
  const bytes = readFileOf(file);
  if (!chain.holdsChain(bytes)) return undefined;
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  return { stored: chain.decodeChain(bytes, file), path: file, sha256, bytes: bytes.length };
}

/** Of the header of safetensors, behind its length: an opening brace. */
const FIRST_LETTER = 8;

/** A damaged file has a better message where it is read: this is for one that never was safetensors. */
export function refuseOtherKinds(bytes: Uint8Array, where: string, expected: string, fix: string): void {
  if (bytes.length <= FIRST_LETTER || bytes[FIRST_LETTER] === 0x7b) return;
  throw new InputError({ where, came: "another kind of file", expected, fix });
}

/** @throws InputError for anything but a whole model. */
export function readModelFile(path: string): ModelFile {
  const folder = fs.existsSync(path) && fs.statSync(path).isDirectory();
  const file = folder ? join(path, "model.safetensors") : path;
  if (folder && !fs.existsSync(file)) {
    throw new InputError({
      where: path,
      came: isRun(path) ? "a run without a finished model" : "a folder without model.safetensors",
      expected: "a run directory or a model file",
      fix: isRun(path) ? `finish it by jko resume ${path}` : "check the path",
    });
  }
  const bytes = (folder ? readInside(file) : undefined) ?? readFileOf(file);
  if (folder && isRun(path) && verbOf(path) !== "fit" && (chain.holdsChain(bytes) || chain.holdsCorrected(bytes))) {
    const came = `a run of jko ${verbOf(path)}`;
    const fix = "jko sample, logprob, plot and info take it; its report judges it";
    throw new InputError({ where: path, came, expected: "a model of a table", fix });
  }
  if (chain.holdsCorrected(bytes)) {
    const [came, fix] = ["a sampler without its target", "give the run directory of jko infer"];
    throw new InputError({ where: path, came, expected: "a model that can be used alone", fix });
  }
  refuseOtherKinds(bytes, file, "a run directory or a model file", "check the path: the model goes before the data");
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  return {
    model: decodeModel(bytes, file),
    path: file,
    sha256,
    bytes: bytes.length,
    ...(folder && isRun(path) && verbOf(path) === "fit" ? { run: path } : {}),
  };
}
