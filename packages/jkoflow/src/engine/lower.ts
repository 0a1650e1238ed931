/** Lowering: a program becomes three tapes (prologue, rows, epilogue) and a map of the memory they use. */
import { isRow, type Node, type Program } from "../graph/index.ts";
import { createEmitter } from "./emit.ts";
import { createLayout, SLACK } from "./layout.ts";
import { emitEpilogue, emitParameterPhase, type ValuePlace } from "./parameterPhase.ts";
import { emitRowPhase } from "./rowPhase.ts";
import { select } from "./select.ts";
import { INSTRUCTION, ROW_UNIT } from "./tape.ts";

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

/** Rows per tile: a few live activations of the widest layer should fit the second-level cache. */
function unitsPerTile(program: Program): number {
  const widest = Math.max(...program.nodes.filter(isRow).map((node) => node.cols));
  return widest <= 160 ? 4 : widest <= 384 ? 7 : 8;
}

export interface LowerOptions {
  /** Units of 12 rows per tile; chosen from the widest layer by default. */
  readonly tileUnits?: number;
}

export function lower(program: Program, options: LowerOptions = {}): Lowered {
  const tileUnits = options.tileUnits ?? unitsPerTile(program);
  const selection = select(program);
  const layout = createLayout(program, selection.sums);
  const emitter = createEmitter(layout);
  const prologue = emitParameterPhase(layout, emitter, selection.prologue, "prologue");
  const rows = emitRowPhase(layout, emitter, selection.rows, tileUnits * ROW_UNIT, prologue);
  const epilogue = emitEpilogue(layout, emitter, selection);

  const { parameterFloats, sumFloats, scalars, rowCount, constants } = layout;
  const tape = (words: readonly number[]): Int32Array => Int32Array.from([...words, INSTRUCTION.END]);
  return {
    prologue: tape(prologue),
    rows: tape(rows.tape),
    epilogue: tape(epilogue.tape),
    tileUnits,
    parameterFloats,
    commonFloats: layout.commonFloats() + SLACK,
    sumFloats: sumFloats === 0 ? 0 : sumFloats + SLACK,
    tileFloats: rows.tileFloats,
    scratchOffset: rows.scratchOffset,
    inputs: program.inputs.map((node) => ({ name: node.at.name!, cols: node.cols })),
    outputs: program.outputs.map(({ name, node }) => ({ name, cols: node.cols })),
    scalars,
    rowCount,
    constants,
    values: epilogue.values,
    nodes: program.nodes,
  };
}
