/**
 * Regions of a grid above a level, as closed rings, and levels that enclose a given share of the mass.
 *
 * Marching squares (W. Lorensen and H. Cline, SIGGRAPH 1987, in two dimensions) on the nodes of a grid. The grid is
 * surrounded by one row of nodes below every level, so that each ring closes along the border; rings inside rings are
 * holes, hence fill with the even-odd rule.
 */
import { checkNumbers } from "../errors/kinds.ts";

/** Numbers at the nodes of a grid, row after row from the lowest y upwards: [rows, columns]. */
export interface Grid {
  readonly columns: number;
  readonly rows: number;
  readonly values: ArrayLike<number>;
}

/** Crossed sides (start, end) for each of the 16 corner patterns; the region lies to the left of each segment. */
// Corners are bits: 1 lower left, 2 lower right, 4 upper right, 8 upper left. Sides: 0 bottom, 1 right, 2 top, 3 left.
const SEGMENTS: readonly (readonly number[])[] = [
  [],
  [0, 3],
  [1, 0],
  [1, 3],
  [2, 1],
  [], // two opposite corners: see SADDLES
  [2, 0],
  [2, 3],
  [3, 2],
  [0, 2],
  [],
  [1, 2],
  [3, 1],
  [0, 1],
  [3, 0],
  [],
];
/** Patterns 5 and 10: segments where the middle of the square is below the level, and where it is above. */
const SADDLES: Readonly<Record<number, readonly [readonly number[], readonly number[]]>> = {
  5: [
    [0, 3, 2, 1],
    [0, 1, 2, 3],
  ],
  10: [
    [1, 0, 3, 2],
    [3, 0, 1, 2],
  ],
};

/** A logarithm of zero counts as this far below the level, so that interpolation stays finite. */
const FLOOR_BELOW_LEVEL = 20;

/**
 * The region {value >= level} as rings x0, y0, x1, y1, ... in node coordinates (column, row).
 *
 * @example
 * ```ts
 * import { contour, massLevels } from "jkoflow/plot";
 *
 * const values = Float64Array.from({ length: 400 }, (_, k) => {
 *   const [x, y] = [(k % 20) - 9.5, Math.floor(k / 20) - 9.5];
 *   return -(x * x + y * y) / 20; // log-density on a grid of 20 x 20 cells
 * });
 * const grid = { columns: 20, rows: 20, values };
 * const [level] = massLevels(grid, [0.5]); // half of the mass lies above
 * console.log(contour(grid, level).length); // 1
 * ```
 */
export function contour(grid: Grid, level: number): readonly Float64Array[] {
  const { columns, rows, values } = grid;
  checkNumbers(values, "grid", "values");
  const wide = columns + 2; // nodes per row with the surrounding ones
  const inside = (column: number, row: number): boolean => column >= 0 && column < columns && row >= 0 && row < rows;
  const node = (column: number, row: number): number => {
    if (!inside(column, row)) return level - 1;
    const value = values[row * columns + column];
    return Number.isNaN(value) ? level - FLOOR_BELOW_LEVEL : Math.max(value, level - FLOOR_BELOW_LEVEL);
  };
  // An edge is numbered by its lower left node: even numbers run to the right, odd ones upwards.
  const edge = (column: number, row: number, side: number): number => {
    if (side === 0) return 2 * ((row + 1) * wide + column + 1);
    if (side === 2) return 2 * ((row + 2) * wide + column + 1);
    if (side === 3) return 2 * ((row + 1) * wide + column + 1) + 1;
    return 2 * ((row + 1) * wide + column + 2) + 1;
  };
  const next = new Map<number, number>();
  for (let row = -1; row < rows; row++) {
    for (let column = -1; column < columns; column++) {
      const corners = [node(column, row), node(column + 1, row), node(column + 1, row + 1), node(column, row + 1)];
      let pattern = 0;
      for (let i = 0; i < 4; i++) if (corners[i] >= level) pattern |= 1 << i;
      const saddle = SADDLES[pattern];
      const above = corners[0] + corners[1] + corners[2] + corners[3] >= 4 * level;
      const sides = saddle === undefined ? SEGMENTS[pattern] : saddle[above ? 1 : 0];
      for (let i = 0; i < sides.length; i += 2) {
        next.set(edge(column, row, sides[i]), edge(column, row, sides[i + 1]));
      }
    }
  }
  const crossing = (id: number): [number, number] => {
    const place = id >> 1;
    const column = (place % wide) - 1;
    const row = Math.floor(place / wide) - 1;
    const [toColumn, toRow] = id % 2 === 0 ? [column + 1, row] : [column, row + 1];
    // Towards the surrounding nodes the region ends at the border itself.
    if (!inside(column, row)) return [toColumn, toRow];
    if (!inside(toColumn, toRow)) return [column, row];
    const from = node(column, row);
    const share = (level - from) / (node(toColumn, toRow) - from);
    return [column + share * (toColumn - column), row + share * (toRow - row)];
  };
  const rings: Float64Array[] = [];
  for (const start of next.keys()) {
    const ring: number[] = [];
    for (let id: number | undefined = start; id !== undefined; ) {
      const following: number | undefined = next.get(id);
      if (following === undefined) break; // back at the start
      ring.push(...crossing(id));
      next.delete(id);
      id = following;
    }
    rings.push(Float64Array.from(ring));
  }
  return rings;
}

/**
 * For each share, the log-density above which the grid holds that share of its mass: highest-density regions. `grid`
 * holds log-densities (nats); mass is relative to the grid, so a grid that cuts the density off shifts the levels.
 */
export function massLevels(grid: Grid, shares: readonly number[]): readonly number[] {
  checkNumbers(grid.values, "grid", "values");
  const sorted = Float64Array.from(grid.values, (value) => (Number.isNaN(value) ? Number.NEGATIVE_INFINITY : value))
    .sort()
    .reverse();
  const top = Number.isFinite(sorted[0]) ? sorted[0] : 0;
  const total = sorted.reduce((sum, value) => sum + Math.exp(value - top), 0);
  return shares.map((share) => {
    let sum = 0;
    for (const value of sorted) {
      sum += Math.exp(value - top);
      if (sum >= share * total) return value;
    }
    return Number.NEGATIVE_INFINITY;
  });
}
