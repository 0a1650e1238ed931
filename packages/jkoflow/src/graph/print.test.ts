import { describe, expect, it } from "vitest";
import { traceField, traceLoss } from "./exactTrace.testing.ts";
import { createProgram, print } from "./index.ts";

describe("print", () => {
  const field = traceField({ d: 2, H1: 3, H2: 4, activation: 1 });
  const text = print(createProgram({ name: "trace", parameters: field.parameters, loss: traceLoss(field, 1) }));
  const section = (title: string): string => {
    const from = text.indexOf(`\n${title}`);
    expect(from, title).toBeGreaterThan(0);
    const to = text.indexOf("\n\n", from + 1);
    return text.slice(from, to < 0 ? undefined : to);
  };

  it("shows the three phases of the exact trace, in order", () => {
    const places = ["program trace", "\nprologue", "\nrows", "\nepilogue", "\nreturns"].map((s) => text.indexOf(s));
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(places[0]).toBe(0);
  });

  it("forms K once, in the prologue, by its name", () => {
    expect(section("prologue")).toMatch(/K \[3, 4\] = W2 \* transpose#\d+/);
    expect(section("prologue")).toMatch(/matmul#\d+ \[4, 3\] = W3 @ W1/);
    expect(section("rows")).toMatch(/\[B, 4\] = affine#\d+ @ K|\[B, 4\] = sigmoid#\d+ @ K/);
    expect(section("rows")).not.toMatch(/ = W2 \* /);
  });

  it("puts the adjoint of K into the epilogue and names what comes back", () => {
    expect(section("epilogue")).toMatch(/@ W1\^T|W3\^T @|@ W3|@ W1/);
    const returns = section("returns");
    for (const name of ["loss", "d loss / d W1", "d loss / d b3"]) expect(returns).toContain(`  ${name} = `);
  });
});
