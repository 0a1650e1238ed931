export { type Expression, parseExpression } from "./expression.ts";
