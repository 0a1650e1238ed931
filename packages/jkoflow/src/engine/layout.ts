/**
 * Where every value of a program lies in kernel memory.
 *
 * Regions: parameters (flat, as the caller sees them), common (scalars, prologue values, packed weights, epilogue values),
 * sums (one per shard), gradient (flat, as the parameters), tile (one per thread: activations, then scratch).
 */
import { InputError } from "../errors/index.ts";
import type { Node, Program } from "../graph/index.ts";
import { roundUp } from "./arena.ts";
import type { Sum } from "./sums.ts";
import { BASE, OFFSET_LIMIT } from "./tape.ts";

/** Where a value lies: operand word and distance between its rows in floats. */
export interface Place {
  readonly operand: number;
  readonly stride: number;
}

export interface Layout {
  readonly program: Program;
  /** The operand word of an offset in a region. */
  operand(base: number, offset: number): number;
  /** Room in the common region; its offset. */
  common(floats: number): number;
  /** The place of a value that has one. */
  placeOf(node: Node): Place;
  has(node: Node): boolean;
  place(node: Node, place: Place): void;
  /** A place in the common region, made when first asked for. */
  makeCommon(node: Node): Place;
  sumPlace(sum: Sum): Place;
  /** Offsets in the common region. */
  readonly scalars: ReadonlyMap<string, number>;
  readonly constants: readonly { readonly offset: number; readonly value: number }[];
  readonly rowCount: number | undefined;
  readonly parameterFloats: number;
  readonly sumFloats: number;
  commonFloats(): number;
}

/** Kernel loads run up to one vector past the end of a row. */
export const SLACK = 16;

const commonStride = (cols: number): number => (cols === 1 ? 1 : roundUp(cols));

/** Places for the leaves of parameter space and for the sums; everything else gets its place while it is lowered. */
export function createLayout(program: Program, sums: readonly Sum[]): Layout {
  const places = new Map<Node, Place>();
  const operand = (base: number, offset: number): number => {
    if (offset >= OFFSET_LIMIT) {
      throw new InputError({
        where: `program "${program.name}"`,
        came: `a region of over ${OFFSET_LIMIT} numbers`,
        expected: "less memory per region",
        fix: "use smaller layers",
      });
    }
    return (base << 28) | offset;
  };

  // Leaves of parameter space.
  let parameterFloats = 0;
  for (const node of program.parameters) {
    places.set(node, { operand: operand(BASE.PARAMETER, parameterFloats), stride: node.cols });
    parameterFloats += (node.rows as number) * node.cols;
  }
  let commonFloats = 0;
  const common = (floats: number): number => {
    const offset = commonFloats;
    commonFloats += roundUp(floats + SLACK);
    return offset;
  };
  const scalars = new Map<string, number>();
  const constants: { offset: number; value: number }[] = [];
  let rowCount: number | undefined;
  for (const node of program.nodes) {
    if (node.op !== "scalar" && node.op !== "constant" && node.op !== "rowCount") continue;
    const offset = common(1);
    places.set(node, { operand: operand(BASE.COMMON, offset), stride: 0 });
    if (node.op === "scalar") scalars.set(node.at.name!, offset);
    else if (node.op === "constant") constants.push({ offset, value: node.at.value! });
    else rowCount = offset;
  }

  // Accumulators.
  let sumFloats = 0;
  const sumPlaces = new Map<Sum, Place>();
  for (const sum of sums) {
    const [rows, cols] = sum.transposed ? [sum.cols, sum.rows] : [sum.rows, sum.cols];
    sumPlaces.set(sum, { operand: operand(BASE.SUM, sumFloats), stride: roundUp(cols) });
    sumFloats += rows * roundUp(cols);
  }

  const placeOf = (node: Node): Place => {
    const place = places.get(node);
    if (place === undefined) throw new Error(`no place for ${node.op}#${node.id} of program "${program.name}"`);
    return place;
  };
  const makeCommon = (node: Node): Place => {
    const known = places.get(node);
    if (known) return known;
    const stride = commonStride(node.cols);
    const floats = node.cols === 1 ? (node.rows as number) : (node.rows as number) * stride;
    const place = { operand: operand(BASE.COMMON, common(floats)), stride };
    places.set(node, place);
    return place;
  };

  return {
    program,
    operand,
    common,
    placeOf,
    has: (node) => places.has(node),
    place: (node, place) => places.set(node, place),
    makeCommon,
    sumPlace: (sum) => sumPlaces.get(sum)!,
    scalars,
    constants,
    rowCount,
    parameterFloats,
    sumFloats,
    commonFloats: () => commonFloats,
  };
}
