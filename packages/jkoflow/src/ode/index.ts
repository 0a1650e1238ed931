export { dopri5, euler, midpoint, rk4, rk4_38, type Tableau, tableaus } from "./tableaus.ts";
export { type Interval, type RightHandSide, type State, unroll } from "./unroll.ts";
