/**
 * From the words of a formula to its tree, by recursive descent.
 *
 *     sum      = product { (+ | -) product }
 *     product  = signed { (* | /) signed }
 *     signed   = (+ | -) signed | power
 *     power    = atom [ (^ | **) signed ]           right to left, and before a sign: -x^2 is -(x^2)
 *     atom     = number | name | name ( sum ) | pow ( sum , sum ) | ( sum )
 */
import { cameOf } from "../errors/came.ts";
import { InputError } from "../errors/index.ts";
import { aliases, functionNamed, functions } from "./functions.ts";
import { faultAt, type Token, tokensOf } from "./tokens.ts";
import type { Tree } from "./tree.ts";

const CONSTANTS: ReadonlyMap<string, number> = new Map([
  ["pi", Math.PI],
  ["e", Math.E],
]);
const DEEPEST = 200;
const VALUE = "a number, a name or (";

/** Which names stand for which column: own names first, then x, y, z (up to three columns) and x1, x2, ... */
export function columnOf(name: string, columns: readonly string[]): number | undefined {
  const own = columns.indexOf(name);
  if (own >= 0) return own;
  const short = ["x", "y", "z"].indexOf(name);
  if (short >= 0 && columns.length <= 3) return short < columns.length ? short : undefined;
  const counted = /^x([1-9]\d*)$/.exec(name);
  const k = counted === null ? 0 : Number(counted[1]);
  return k >= 1 && k <= columns.length ? k - 1 : undefined;
}

function knownNames(columns: readonly string[]): string {
  const d = columns.length;
  const short = ["x", "y", "z"].slice(0, d);
  const counted = d === 1 ? ["x1"] : d === 2 ? ["x1", "x2"] : [`x1 .. x${d}`];
  const own = columns.filter((name) => /^[\p{L}_][\p{L}\p{N}_]*$/u.test(name)).slice(0, 5);
  const names = [...new Set([...own, ...(d <= 3 ? short : []), ...counted])];
  return `${names.join(", ")}, r, pi, e, or a function: ${[...Object.keys(functions), ...aliases.keys(), "pow"].join(", ")}`;
}

/** @throws InputError that says at which character something else was expected. */
export function parse(text: string, columns: readonly string[], where: string): Tree {
  if (typeof text !== "string") throw new InputError({ where, came: cameOf(text), expected: "a formula in words" });
  const tokens = tokensOf(text, where);
  let next = 0;
  let depth = 0;
  const peek = (): Token => tokens[next];
  const has = (...signs: string[]): boolean => peek().kind === "sign" && signs.includes(peek().text);
  const fail = (token: Token, expected: string, fix?: string): never => {
    const came = token.kind === "end" ? "the end" : JSON.stringify(token.text);
    throw faultAt(where, text, token.at, came, expected, fix);
  };
  const close = (): void => {
    if (!has(")"))
      fail(peek(), has(",") ? ") : only pow takes two arguments" : "an operator or )", hintOf(tokens, next));
    next++;
  };

  const sum = (): Tree => {
    let left = product();
    while (has("+", "-")) left = { kind: tokens[next++].text as "+" | "-", left, right: product() };
    return left;
  };
  const product = (): Tree => {
    let left = signed();
    while (has("*", "/")) left = { kind: tokens[next++].text as "*" | "/", left, right: signed() };
    return left;
  };
  const signed = (): Tree => {
    if (++depth > DEEPEST) fail(peek(), `a formula nested at most ${DEEPEST} deep`);
    let tree: Tree;
    if (has("+")) {
      next++;
      tree = signed();
    } else if (has("-")) {
      next++;
      tree = negated(signed());
    } else tree = power();
    depth--;
    return tree;
  };
  const power = (): Tree => {
    const left = atom();
    if (!has("^", "**")) return left;
    next++;
    return { kind: "^", left, right: signed() };
  };
  const atom = (): Tree => {
    const token = tokens[next++];
    if (token.kind === "number") return { kind: "number", value: finite(token) };
    if (token.kind === "name") return named(token);
    if (token.kind !== "sign" || token.text !== "(") return fail(token, VALUE);
    const tree = sum();
    close();
    return tree;
  };
  /** pow(a, b) is a ^ b. */
  const raised = (): Tree => {
    next++;
    const left = sum();
    if (!has(",")) fail(peek(), "a comma and an exponent");
    next++;
    const right = sum();
    close();
    return { kind: "^", left, right };
  };
  const finite = (token: Token): number => {
    const value = Number(token.text);
    return Number.isFinite(value) ? value : fail(token, "a number that float64 holds");
  };
  const named = (token: Token): Tree => {
    const call = functionNamed(token.text);
    if (has("(")) {
      if (token.text === "pow") return raised();
      if (call === undefined) {
        const isColumn = columnOf(token.text, columns) !== undefined || CONSTANTS.has(token.text);
        if (isColumn) fail(peek(), "an operator", `write ${token.text}*(`);
        return fail(token, `a function: ${[...Object.keys(functions), ...aliases.keys(), "pow"].join(", ")}`);
      }
      next++;
      const of = sum();
      close();
      return { kind: "call", name: call, of };
    }
    const column = columnOf(token.text, columns);
    if (column !== undefined) return { kind: "variable", column };
    if (token.text === "r") return { kind: "call", name: "sqrt", of: { kind: "squared norm" } };
    const constant = CONSTANTS.get(token.text);
    if (constant !== undefined) return { kind: "number", value: constant };
    if (call !== undefined) return fail(peek(), `( behind ${token.text}`);
    return fail(token, knownNames(columns));
  };

  const tree = sum();
  if (peek().kind !== "end")
    fail(peek(), has(")") ? "no ) without its (" : "an operator or the end", hintOf(tokens, next));
  return tree;
}

const negated = (tree: Tree): Tree =>
  tree.kind === "number"
    ? { kind: "number", value: -tree.value }
    : { kind: "*", left: { kind: "number", value: -1 }, right: tree };

/** 2x, 2(x + 1) and (x)(y) lack a sign. */
function hintOf(tokens: readonly Token[], at: number): string | undefined {
  const [before, token] = [tokens[at - 1], tokens[at]];
  const starts = token.kind === "number" || token.kind === "name" || token.text === "(";
  return before !== undefined && starts ? `write ${before.text}*${token.text}` : undefined;
}
