import { expect, it } from "vitest";
import { gatherNotes, listNames } from "../src/progress/gatherNotes.ts";

const whole = (name: string): string => `column ${JSON.stringify(name)} holds whole numbers: taken as integers`;

it("makes one line of the same note on many columns", () => {
  expect(gatherNotes([..."abcdefg"].map(whole))).toEqual([
    'columns "a", "b", "c" and 4 more hold whole numbers: taken as integers',
  ]);
  expect(gatherNotes(["left out 3 rows", whole("a"), "other", whole('b "x"')])).toEqual([
    "left out 3 rows",
    'columns "a" and "b \\"x\\"" hold whole numbers: taken as integers',
    "other",
  ]);
  const gap = (name: string): string => `column "${name}": a missing cell is a category of its own`;
  expect(gatherNotes([gap("a"), whole("a"), gap("b")])).toEqual([
    'columns "a" and "b": a missing cell is a category of its own',
    whole("a"),
  ]);
});

it("leaves a few that differ as they are, and names the others where they are many", () => {
  const few = (name: string, values: number): string =>
    `column "${name}" has only ${values} distinct values (the commonest in ${values / 10} % of the rows): dequantize it`;
  const three = [few("a", 12), few("b", 7), few("c", 99)];
  expect(gatherNotes(three)).toEqual(three);
  expect(gatherNotes([...three, few("d", 3), whole("e")])).toEqual([
    `${three[0]}; likewise "b", "c" and "d"`,
    whole("e"),
  ]);
  const words = [..."abcd"].map((name) => `column "${name}" is categorical: ${name}1, ${name}2`);
  expect(gatherNotes(words)).toEqual(['column "a" is categorical: a1, a2; likewise "b", "c" and "d"']);
});

it("gathers given numbers too", () => {
  const given = [..."abcde"].map((name, k) => `given ${name}: a number, mean ${k}.5, sd 1e-${k + 5}`);
  expect(gatherNotes([...given, "given f: categories ant, bee"])).toEqual([
    `${given[0]}; likewise b, c, d and e`,
    "given f: categories ant, bee",
  ]);
});

it("does not take different notes for one kind", () => {
  const notes = ['column "a": values near 3', 'column "b": a missing cell', 'column "c" is constant', "column d"];
  expect(gatherNotes(notes)).toEqual(notes);
});

it("names all where one more would only be counted", () => {
  expect([1, 2, 4, 5].map((n) => listNames([..."abcde"].slice(0, n)))).toEqual([
    "a",
    "a and b",
    "a, b, c and d",
    "a, b, c and 2 more",
  ]);
});
