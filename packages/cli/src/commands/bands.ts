/** `jko bands`: mean, variance and density of a flow at a time whose target was estimated from data, with intervals. */
import { extname } from "node:path";
import type { Command } from "commander";
import { type data, InputError, problems } from "jkoflow";
import { curvesFigure } from "jkoflow/plot";
import { densityBand, type Interval, type Way } from "jkoflow/theory";
import { writeAtomic } from "../files/atomic.ts";
import { numberAbove, numberFrom, oneOf, shareOf } from "../flagValues.ts";
import { openTable } from "../input/openTable.ts";
import { readWhole } from "../input/readWhole.ts";
import { addOutput, addReading, addTalk, type CommonFlags, dialectOf, headerOf, type ReadFlags } from "../options.ts";
import { checkOutput, isStream, type OutputFlags } from "../output/newFile.ts";
import { counted, small } from "../progress/numbers.ts";
import { type Bands, bandsOfPath, bandsOfRows, type NamedInterval } from "../report/bands.ts";
import type { Shell } from "../shell.ts";

interface BandsFlags extends CommonFlags, ReadFlags, OutputFlags {
  readonly time: number;
  readonly step: number;
  readonly level: number;
  readonly temperature: number;
  readonly start?: string;
  readonly path?: number;
  readonly mean?: number;
  readonly centre: "jko" | "continuum";
}

const EXAMPLES = `Examples:
  jko bands rows.csv --time 0.6                         rows of the steady state, independent
  jko bands path.csv --path 0.1 --time 0.6 --level .9   a path of the process, a value every 0.1
  jko bands rows.csv --time 0.6 --start normal:1:0.3:-2 -o density.svg
`;

export function addBands(program: Command, shell: Shell): void {
  const command = program
    .command("bands")
    .summary("a flow at a time, its target estimated from data, with intervals")
    .description(
      "The law at a time of the flow towards a Gaussian that is estimated from data: intervals for its mean and covariance, and a band for its density in one column.",
    )
    .argument("<data>", "table of numbers: independent rows of the steady state, or with --path one column, a path")
    .addHelpText("before", EXAMPLES)
    .requiredOption("--time <t>", "at which the law is wanted", numberAbove("--time", 0))
    .option("--step <h>", "of the JKO scheme; time is a whole number of steps", numberAbove("--step", 0), 0.01)
    .option("--level <p>", "chance of an interval to hold the truth", shareOf("--level"), 0.95)
    .option("--temperature <b>", "factor of the entropy", numberAbove("--temperature", 0), 1)
    .option("--start <law>", "normal:D, normal:D:SD or normal:D:SD:MEAN,...; default N(0, I)")
    .option("--path <interval>", "the data are a path in time, a value every interval", numberAbove("--path", 0))
    .option(
      "--mean <x>",
      "with --path: the mean of the steady state, where it is known",
      numberFrom("--mean", Number.NEGATIVE_INFINITY),
    )
    .option(
      "--centre <which>",
      "what intervals are about: jko, the scheme with this step, or continuum, its limit",
      oneOf("--centre", ["jko", "continuum"]),
      "jko",
    );
  addReading(command);
  addTalk(addOutput(command, "density band in one column: .csv, or .svg for a picture"));
  command.action((path: string, flags: BandsFlags) => bands(path, flags, shell));
}

async function bands(path: string, flags: BandsFlags, shell: Shell): Promise<void> {
  const { time, step, level, temperature, centre, output } = flags;
  checkOutput(flags, [path]);
  const format = output === undefined || isStream(output) ? undefined : formatOf(output);
  if (flags.mean !== undefined && flags.path === undefined)
    throw new InputError({ where: "--mean", came: "no --path", expected: "--path, whose mean it is" });
  const steps = problems.countSteps(time, step, (part) => `--${part}`);
  const dialect = dialectOf(flags);
  const header = headerOf(flags) ?? "detect";
  const reading = { columns: null, drop: [], missing: "error", array: flags.array ?? null, header } as const;
  const { table } = await readWhole(
    await openTable(path, shell, "one"),
    { ...reading, delimiter: flags.delimiter ?? "detect", ...(dialect ? { dialect } : {}) },
    { offsets: {} },
  );
  const d = table.columns.length;
  const start = startOf(flags.start, d);
  const way: Way = centre === "jko" ? { step, steps } : { time };
  const other: Way = centre === "jko" ? { time } : { step, steps };
  const asked = { start, way, other, level, temperature, columns: table.columns };
  const found =
    flags.path === undefined
      ? bandsOfRows(table.values, asked)
      : bandsOfPath(columnOf(table, path), {
          ...asked,
          interval: flags.path,
          ...(flags.mean === undefined ? {} : { mean: flags.mean }),
        });
  if (format !== undefined && found.line === null)
    throw new InputError({
      where: "-o",
      came: `${counted(d, "column")}`,
      expected: "one column: a density band is drawn on a line",
    });
  const file =
    format === undefined || found.line === null ? undefined : { path: output!, text: bandFile(found, format, level) };
  if (file) writeAtomic(file.path, file.text);
  if (flags.json)
    return shell.out(`${JSON.stringify({ event: "result", time, step, steps, level, centre, ...found })}\n`);
  await shell.out(`${linesOf(found, flags).join("\n")}\n`);
}

function formatOf(output: string): "csv" | "svg" {
  const ending = extname(output).toLowerCase();
  if (ending === ".csv") return "csv";
  if (ending === ".svg") return "svg";
  throw new InputError({ where: "-o", came: output, expected: "a name that ends in .csv or .svg" });
}

function startOf(text: string | undefined, d: number) {
  const { mean, deviation } = problems.parseStart(text ?? `normal:${d}`, "--start");
  if (mean.length !== d)
    throw new InputError({
      where: "--start",
      came: `${counted(mean.length, "column")}`,
      expected: `${d}, as the data have`,
    });
  const covariance = Float64Array.from({ length: d * d }, (_, at) => (at % (d + 1) === 0 ? deviation ** 2 : 0));
  return { mean, covariance };
}

function columnOf(table: data.Table, path: string): Float32Array {
  if (table.columns.length === 1) return table.values;
  throw new InputError({
    where: path,
    came: counted(table.columns.length, "column"),
    expected: "one column with --path",
  });
}

/** Places of the band, and how far it reaches in deviations. */
const [PLACES, REACH] = [201, 4];

function bandFile({ line, rows }: Bands, format: "csv" | "svg", level: number): string {
  const { law, errors } = line!;
  const sd = Math.sqrt(law.variance);
  const x = Float64Array.from({ length: PLACES }, (_, i) => law.mean + sd * REACH * ((2 * i) / (PLACES - 1) - 1));
  const band = densityBand(law, errors, rows, level, x);
  if (format === "csv") {
    const lines = band.map(({ value, low, high }, i) => [x[i], value, low, high].join(","));
    return `${["x,density,low,high", ...lines].join("\n")}\n`;
  }
  const curve = (name: string, of: (one: Interval) => number) => ({ name, x, y: Float64Array.from(band, of) });
  return curvesFigure({
    title: `Density with a ${small(100 * level)} % band`,
    run: "",
    x: { name: "x", unit: "" },
    y: { name: "density", unit: "" },
    curves: [curve("density", ({ value }) => value), curve("low", ({ low }) => low), curve("high", ({ high }) => high)],
  });
}

function linesOf(
  { intervals, estimates, rows, timeErrors, notes }: Bands,
  { time, level, centre, step }: BandsFlags,
): string[] {
  const cells = (one: NamedInterval) => [
    one.name,
    small(one.value),
    small(one.low),
    small(one.high),
    small(one.standardError),
  ];
  const table = [["", "value", "low", "high", "s.e."], ...intervals.map(cells)];
  const widths = table[0].map((_, k) => Math.max(...table.map((row) => row[k].length)));
  const text = (row: string[]) =>
    row.map((cell, k) => (k === 0 ? cell.padEnd(widths[k]) : cell.padStart(widths[k]))).join("  ");
  const of = centre === "jko" ? `the JKO scheme with a step of ${step}` : "the true flow";
  return [
    `Estimated from ${counted(rows, "row")}: ${estimates.map(({ name, value }) => `${name} ${small(value)}`).join(", ")}`,
    `At t = ${small(time)}, ${small(100 * level)} % intervals about ${of}:`,
    "",
    ...table.map(text),
    "",
    `Scheme less flow: ${timeErrors.map(({ name, value }) => `${name} ${small(value)}`).join(", ")}`,
    ...notes,
  ];
}
