/**
 * Lowering: a program becomes three tapes (prologue, rows, epilogue) and a map of the memory they use.
 *
 * Regions: parameters (flat, as the caller sees them), common (scalars, prologue values, packed weights, epilogue values),
 * sums (one per shard), gradient (flat, as the parameters), tile (one per thread: activations, then scratch).
 */
import { InputError } from "../errors/index.ts";
import { isRow, type Node, type Program } from "../graph/index.ts";
import { createArena, roundUp } from "./arena.ts";
import { type Group, schedule } from "./schedule.ts";
import { isVector, type Step, select } from "./select.ts";
import type { Sum } from "./sums.ts";
import { BASE, bits, CODE, INSTRUCTION, NO_OPERAND, OFFSET_LIMIT, ROW_UNIT, ROWS_OF_TILE } from "./tape.ts";

/** Where a value lies: operand word and distance between its rows in floats. */
interface Place {
  readonly operand: number;
  readonly stride: number;
}

export interface ValuePlace {
  readonly name: string;
  readonly rows: number;
  readonly cols: number;
  /** Offset in the common region, in floats; rows lie back to back. */
  readonly offset: number;
}

export interface Lowered {
  readonly prologue: Int32Array;
  readonly rows: Int32Array;
  readonly epilogue: Int32Array;
  readonly tileUnits: number;
  readonly parameterFloats: number;
  readonly commonFloats: number;
  readonly sumFloats: number;
  readonly tileFloats: number;
  readonly scratchOffset: number;
  /** Slots 0 ... are the inputs, then the outputs. */
  readonly inputs: readonly { readonly name: string; readonly cols: number }[];
  readonly outputs: readonly { readonly name: string; readonly cols: number }[];
  /** Offsets of scalars in the common region. */
  readonly scalars: ReadonlyMap<string, number>;
  readonly rowCount: number | undefined;
  readonly constants: readonly { readonly offset: number; readonly value: number }[];
  readonly values: readonly ValuePlace[];
  readonly nodes: readonly Node[];
}

/** Floats that an elementwise group may touch per chunk of rows: half of a first-level cache. */
const CHUNK_BUDGET = 4096;
/** Kernel loads run up to one vector past the end of a row. */
const SLACK = 16;

/** Rows per tile: a few live activations of the widest layer should fit the second-level cache. */
function unitsPerTile(program: Program): number {
  const widest = Math.max(...program.nodes.filter(isRow).map((node) => node.cols));
  return widest <= 160 ? 4 : widest <= 384 ? 7 : 8;
}

/** Distance between rows of an activation; wide ones get an odd number of lines, so that rows do not share cache sets. */
const tileStride = (cols: number): number => (cols === 1 ? 1 : cols >= 128 ? roundUp(cols) + 16 : roundUp(cols));
const commonStride = (cols: number): number => (cols === 1 ? 1 : roundUp(cols));

export interface LowerOptions {
  /** Units of 12 rows per tile; chosen from the widest layer by default. */
  readonly tileUnits?: number;
}

export function lower(program: Program, options: LowerOptions = {}): Lowered {
  const tileUnits = options.tileUnits ?? unitsPerTile(program);
  const tileRows = tileUnits * ROW_UNIT;
  const selection = select(program);
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
  for (const sum of selection.sums) {
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

  /** Twelve words of one elementwise operation; `width` is the group's. */
  const operation = (step: Step, width: number): number[] => {
    const code = step.code!;
    const like =
      step.outputs.length === 0 || code === CODE.ROW_DOT || code === CODE.ROW_SUM ? step.inputs[0] : step.outputs[0];
    const single = width === 1; // one number per row: the rows form one vector
    const at = (node: Node | undefined, k: number): [number, number] => {
      if (node === undefined) return [operand(BASE.TILE, 0), 0];
      const { operand: word, stride } = placeOf(node);
      if (single) return [word, 0];
      const column = step.site.op === "matmul" && k === 1; // a column that is read as a row
      const repeats = column || (!isRow(node) && node.rows === 1);
      return [word, repeats ? 0 : isVector(node, like) ? stride : 1];
    };
    const target = (node: Node | undefined): [number, number] => {
      if (node === undefined) return [operand(BASE.TILE, 0), 0];
      const { operand: word, stride } = placeOf(node);
      const adds = code === CODE.COLUMN_SUM || code === CODE.TOTAL;
      return [word, single || adds ? 0 : node.cols === 1 ? 1 : stride];
    };
    const [a, b, third] = step.inputs.map(at);
    const none: [number, number] = [operand(BASE.TILE, 0), 0];
    const d = step.sum ? ([sumPlaces.get(step.sum)!.operand, 0] as const) : target(step.outputs[0]);
    const e =
      step.outputs.length > 1 ? target(step.outputs[1]) : code === CODE.SOFTPLUS_SIGMOID ? none : (third ?? none);
    return [code, ...d, ...e, ...(a ?? none), ...(b ?? none), bits(step.c0), bits(step.c1), step.site.id];
  };

  /** Instructions of one step that is not grouped; `rows` is a number or ROWS_OF_TILE. */
  const packs = new Map<string, number>();
  const packInto = (
    tape: number[],
    phase: string,
    w: Node,
    transposed: boolean,
  ): { pack: number; k: number; n: number } => {
    const [k, n] = transposed ? [w.cols, w.rows as number] : [w.rows as number, w.cols];
    const key = `${phase}|${w.id}|${transposed}`;
    let pack = packs.get(key);
    if (pack === undefined) {
      pack = operand(BASE.COMMON, common(k * roundUp(n)));
      packs.set(key, pack);
      const { operand: from, stride } = placeOf(w);
      tape.push(INSTRUCTION.PACK, from, stride === 0 ? w.cols : stride, k, n, transposed ? 1 : 0, pack);
    }
    return { pack, k, n };
  };
  const matmul = (tape: number[], packTape: number[], phase: string, step: Step, rows: number): void => {
    const [a, w] = step.inputs;
    const { pack, k, n } = packInto(packTape, phase, w, step.site.at.transposed === true);
    const [from, to] = [placeOf(a), placeOf(step.outputs[0])];
    const bias = step.bias === undefined ? NO_OPERAND : placeOf(step.bias).operand;
    tape.push(
      INSTRUCTION.MATMUL,
      rows,
      from.operand,
      from.stride,
      pack,
      k,
      n,
      to.operand,
      to.stride,
      bias,
      step.site.id,
    );
  };
  const columns = (tape: number[], step: Step, rows: number): void => {
    const node = step.outputs[0];
    const to = placeOf(node);
    const copy = (source: Node, fromColumn: number, toColumn: number, n: number): void => {
      const { operand: word, stride } = placeOf(source);
      const repeats = !isRow(source) && source.rows === 1;
      const from: readonly number[] = [word + fromColumn, repeats ? 0 : stride];
      const into = [to.operand + toColumn, to.stride];
      tape.push(INSTRUCTION.ELEMENTWISE, rows, n, ROW_UNIT, 1);
      tape.push(
        CODE.COPY_ROW,
        ...into,
        operand(BASE.TILE, 0),
        0,
        ...from,
        operand(BASE.TILE, 0),
        0,
        bits(1),
        0,
        step.site.id,
      );
    };
    const [x, y] = step.inputs;
    if (step.kind === "slice") copy(x, node.at.from!, 0, node.cols);
    if (step.kind === "pad") {
      tape.push(INSTRUCTION.CLEAR, rows, node.cols, to.operand, to.stride);
      copy(x, 0, node.at.from!, x.cols);
    }
    if (step.kind === "concat") {
      copy(x, 0, 0, x.cols);
      copy(y, 0, x.cols, y.cols);
    }
  };

  /** Prologue or epilogue: in order, every value keeps its place. */
  const parameterPhase = (tape: number[], steps: readonly Step[], phase: string): void => {
    for (const step of steps) {
      const node = step.outputs[0];
      const to = makeCommon(node);
      const rows = node.rows as number;
      if (step.kind === "elementwise") {
        const adds = step.code === CODE.COLUMN_SUM || step.code === CODE.TOTAL;
        if (adds) tape.push(INSTRUCTION.CLEAR, 1, node.cols, to.operand, 0);
        const reduces = adds || step.code === CODE.ROW_DOT || step.code === CODE.ROW_SUM;
        const like = reduces ? step.inputs[0] : node;
        const width = like.cols;
        const counts = width === 1 ? [1, like.rows as number] : [like.rows as number, width];
        tape.push(INSTRUCTION.ELEMENTWISE, ...counts, ROW_UNIT, 1, ...operation(step, width));
      } else if (step.kind === "matmul") {
        matmul(tape, tape, phase, step, rows);
      } else if (step.kind === "transpose") {
        const x = step.inputs[0];
        const from = placeOf(x);
        tape.push(
          INSTRUCTION.TRANSPOSE,
          x.rows as number,
          x.cols,
          from.operand,
          from.stride || x.cols,
          to.operand,
          to.stride,
        );
      } else {
        columns(tape, step, rows);
      }
    }
  };

  // Prologue, row phase, epilogue. The row phase packs its weights at the end of the prologue.
  const prologue: number[] = [];
  parameterPhase(prologue, selection.prologue, "prologue");

  const slots = new Map<string, number>();
  for (const [i, node] of program.inputs.entries()) slots.set(`in ${node.at.name}`, i);
  for (const [i, { name }] of program.outputs.entries()) slots.set(`out ${name}`, program.inputs.length + i);

  const rows: number[] = [];
  const groups = schedule(selection.rows);
  const last = new Map<Node, number>();
  groups.forEach(({ steps }, i) => {
    for (const step of steps) for (const node of [...step.inputs, ...step.outputs]) last.set(node, i);
  });
  const arena = createArena();
  const offsets = new Map<Node, number>();
  let scratchFloats = 0;
  const make = (node: Node): void => {
    if (places.has(node)) return;
    const stride = tileStride(node.cols);
    const offset = arena.allocate(tileRows * stride + SLACK);
    offsets.set(node, offset);
    places.set(node, { operand: operand(BASE.TILE, offset), stride });
  };
  const emit = (group: Group, index: number): void => {
    const { steps, width } = group;
    const [step] = steps;
    if (step.kind === "elementwise") {
      const made = new Set(steps.flatMap((s) => s.outputs));
      // values that only this group knows; they live in scratch
      const inside = [...made].filter((node) => last.get(node) === index && node.cols === width && width > 1);
      const touched = new Set([...made, ...steps.flatMap((s) => s.inputs)]);
      const stride = tileStride(width);
      const wide = [...touched].filter((node) => node.cols === width).length;
      const chunk = Math.min(tileRows, Math.max(1, Math.floor(CHUNK_BUDGET / (wide * stride))));
      inside.forEach((node, i) => {
        places.set(node, { operand: operand(BASE.SCRATCH, i * chunk * stride), stride });
      });
      if (width > 1) scratchFloats = Math.max(scratchFloats, inside.length * chunk * stride + SLACK);
      for (const node of made) make(node);
      const counts = width === 1 ? [1, ROWS_OF_TILE] : [ROWS_OF_TILE, width];
      rows.push(INSTRUCTION.ELEMENTWISE, ...counts, chunk, steps.length, ...steps.flatMap((s) => operation(s, width)));
    } else {
      for (const node of step.outputs) make(node);
      if (step.kind === "matmul") matmul(rows, prologue, "rows", step, ROWS_OF_TILE);
      else if (step.kind === "outer") {
        const [a, g] = step.inputs;
        const [from, with_, sum] = [placeOf(a), placeOf(g), sumPlaces.get(step.sum!)!];
        const ends = [sum.operand, sum.stride, bits(step.c0), step.site.id];
        rows.push(INSTRUCTION.OUTER, from.operand, from.stride, with_.operand, with_.stride, a.cols, g.cols, ...ends);
      } else if (step.kind === "load" || step.kind === "store") {
        const node = step.kind === "load" ? step.outputs[0] : step.inputs[0];
        const slot = slots.get(step.kind === "load" ? `in ${node.at.name}` : `out ${step.output}`)!;
        const { operand: word, stride } = placeOf(node);
        rows.push(step.kind === "load" ? INSTRUCTION.LOAD : INSTRUCTION.STORE, slot, word, stride, node.cols, node.id);
      } else columns(rows, step, ROWS_OF_TILE);
    }
    for (const node of new Set(steps.flatMap((s) => [...s.inputs, ...s.outputs]))) {
      if (last.get(node) === index && offsets.has(node)) arena.release(offsets.get(node)!);
    }
  };
  groups.forEach(emit);

  const epilogue: number[] = [];
  for (const sum of selection.sums) {
    const from = sumPlaces.get(sum)!;
    if (!sum.transposed && sum.cols > 1) {
      places.set(sum.node, from);
      continue;
    }
    const to = makeCommon(sum.node);
    if (sum.transposed) {
      epilogue.push(INSTRUCTION.TRANSPOSE, sum.cols, sum.rows, from.operand, from.stride, to.operand, to.stride);
    } else {
      epilogue.push(INSTRUCTION.COPY, sum.rows, 1, from.operand, from.stride, to.operand, to.stride, NO_OPERAND);
    }
  }
  const scaledGradients = new Set(program.gradients);
  const late = selection.epilogue.filter((step) => !skipScaling(step, scaledGradients, program));
  parameterPhase(epilogue, late, "epilogue");

  // Results: gradients to their flat place, values to the common region.
  let gradientOffset = 0;
  program.gradients.forEach((node, i) => {
    const [factor, x] = isScaling(node) ? [scalingFactor(node), scaled(node)] : [undefined, node];
    const known = factor !== undefined && !places.has(node);
    const source = known ? x : node;
    const from = placeOf(source);
    const [r, c] = [program.parameters[i].rows as number, program.parameters[i].cols];
    const lda = source.rows === 1 && r > 1 ? 0 : from.stride;
    const word = known ? placeOf(factor).operand : NO_OPERAND;
    epilogue.push(INSTRUCTION.COPY, r, c, from.operand, lda, operand(BASE.GRADIENT, gradientOffset), c, word);
    gradientOffset += r * c;
  });
  const values = program.values.map(({ name, node }): ValuePlace => {
    const [r, c] = [node.rows as number, node.cols];
    const offset = common(r * c);
    const from = placeOf(node);
    epilogue.push(INSTRUCTION.COPY, r, c, from.operand, from.stride, operand(BASE.COMMON, offset), c, NO_OPERAND);
    return { name, rows: r, cols: c, offset };
  });

  const tape = (words: number[]): Int32Array => Int32Array.from([...words, INSTRUCTION.END]);
  const scratchOffset = arena.size;
  return {
    prologue: tape(prologue),
    rows: tape(rows),
    epilogue: tape(epilogue),
    tileUnits,
    parameterFloats,
    commonFloats: commonFloats + SLACK,
    sumFloats: sumFloats === 0 ? 0 : sumFloats + SLACK,
    tileFloats: scratchOffset + scratchFloats + SLACK,
    scratchOffset,
    inputs: program.inputs.map((node) => ({ name: node.at.name!, cols: node.cols })),
    outputs: program.outputs.map(({ name, node }) => ({ name, cols: node.cols })),
    scalars,
    rowCount,
    constants,
    values,
    nodes: program.nodes,
  };
}

/** x * s with s a number: a gradient times 1 / B. */
const scalingFactor = (node: Node): Node => node.inputs.find((x) => x.rows === 1 && x.cols === 1)!;
const isScaling = (node: Node): boolean =>
  node.op === "mul" && node.inputs.filter((x) => x.rows === 1 && x.cols === 1).length === 1;
const scaled = (node: Node): Node => node.inputs.find((x) => x !== scalingFactor(node))!;

/** The copy of a gradient to its place multiplies by 1 / B itself, unless the product is used elsewhere too. */
function skipScaling(step: Step, gradients: ReadonlySet<Node>, program: Program): boolean {
  const node = step.outputs[0];
  if (step.kind !== "elementwise" || !gradients.has(node) || !isScaling(node)) return false;
  if (program.values.some((v) => v.node === node)) return false;
  return !program.nodes.some((user) => user.inputs.includes(node));
}
