/**
 * docs/guide/settings.md from the declarations of the systems: nothing in it is written by hand.
 *
 *   npm run docs              writes it
 *   npm run docs -- --check   says whether it is fresh; exit code 1 where it is not
 *
 * What a default depends on is found by asking for it: on tables of few and many rows and columns, with dependent columns and
 * with heavy tails, and for every effort and purpose that a system knows.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { tsImport } from "tsx/esm/api";

const root = fileURLToPath(new URL("..", import.meta.url));
const file = join(root, "docs/guide/settings.md");
const source = (path) => tsImport(join(root, "packages/jkoflow/src", path), import.meta.url);

const groups = await source("settings/index.ts");
const { evolutionSystems, neuralJkoIc, systems, temperedSmc } = await source("systems/index.ts");
const { createKey, fillNormal, fold } = await source("random/index.ts");

const key = createKey("tables that defaults are asked for");

/** A table of normal rows, by `change`d where it is to have something of its own. */
function table(rows, cols, change = (x) => x) {
  const columns = Array.from({ length: cols }, (_, j) => `c${j + 1}`);
  const values = new Float32Array(rows * cols);
  fillNormal(fold(key, rows, cols), 0, values);
  for (let i = 0; i < rows; i++) change(values.subarray(i * cols, (i + 1) * cols));
  return { rows, columns, values };
}
const problem = (...shape) => ({ train: table(...shape), validation: table(...shape) });
/** Values that recur: no kernels are fitted to them, which saves time. */
const coarse = (row) => row.set(row.map((x) => Math.round(4 * x) / 4));
const problems = [
  problem(200, 2),
  problem(groups.SMALL_TABLE, 2, coarse),
  problem(200, 8, coarse),
  problem(100, 50, coarse),
  problem(200, 2, (row) => row.fill(row[0])), // dependent columns
  problem(200, 2, (row) => row.set([Math.sinh(3 * row[0])])), // heavy tails
];

const differ = (values) => new Set(values.map((value) => JSON.stringify(value))).size > 1;
const code = (value) => `\`${typeof value === "string" ? value : JSON.stringify(value)}\``;
const cell = (text) => text.replaceAll("|", "\\|");

/** The default of each setting of a system for tables, in words. */
function defaultsOfTables(system) {
  const ask = (problem, wish) => system.defaults(problem, key, wish);
  const byTable = problems.map((problem) => ask(problem));
  const wishes = { effort: groups.efforts, purpose: groups.purposes };
  const byWish = system.wishes.map((wish) => [wish, wishes[wish].map((value) => ask(problems[0], { [wish]: value }))]);
  return (name) => {
    if (differ(byTable.map((settings) => settings[name]))) return "by the table";
    const by = byWish.filter(([, found]) => differ(found.map((settings) => settings[name]))).map(([wish]) => wish);
    return code(byTable[0][name]) + (by.length > 0 ? `, by ${by.join(" and ")}` : "");
  };
}

/** Rows of a table, its columns as wide as their widest cell. */
function tableOf(head, rows) {
  const lines = [head, ...rows].map((row) => row.map(cell));
  const widths = head.map((_, j) => Math.max(...lines.map((line) => line[j].length)));
  const line = (cells) => `| ${cells.map((text, j) => text.padEnd(widths[j])).join(" | ")} |`;
  return [line(lines[0]), line(widths.map((width) => "-".repeat(width))), ...lines.slice(1).map(line)].join("\n");
}

/** Settings that systems share, each under the name of its group. */
const { acceptance, movementRatio } = groups;
const shared = [
  ["Standardisation", groups.standardization],
  ["Network", groups.network],
  ["Training", groups.training],
  ["Schedule", groups.schedule],
  ["Growth", { acceptance, movementRatio }],
];
const anchor = (title) => `[${title}](#${title.toLowerCase().replaceAll(" ", "-")})`;

const linked = ({ name }) => {
  const [users] = alike.filter((systems) => systems.some((system) => system.name === name));
  return `[${name}](#${users.map((system) => system.name).join("-and-")})`;
};

const tabular = Object.values(systems).map((system) => ({ ...system, defaultOf: defaultsOfTables(system) }));
const evolving = Object.values(evolutionSystems).map((system) => ({
  ...system,
  defaultOf: (name) => code(system.settings[name].value),
}));

const sampling = [temperedSmc, neuralJkoIc].map((system) => ({
  ...system,
  defaultOf: (name) => code(system.settings[name].value),
}));

const all = [...tabular, ...evolving, ...sampling];

/** A group with a column of defaults for each system that has settings of it. */
function groupOf([title, declaration]) {
  const names = Object.keys(declaration);
  const users = all.filter(({ settings }) => names.some((name) => Object.hasOwn(settings, name)));
  const rows = names.map((name) => {
    const { kind, says } = declaration[name];
    const values = users.map(({ settings, defaultOf }) => {
      if (!Object.hasOwn(settings, name)) return "";
      return settings[name].says === says ? defaultOf(name) : "see below";
    });
    return [`\`${name}\``, kind.expected, ...values, says];
  });
  return `### ${title}\n\n${tableOf(["name", "kind", ...users.map((user) => user.name), "what it does"], rows)}`;
}

/** Settings that no group states, of all systems with the same declaration. */
function ownOf(users) {
  const [{ settings }] = users;
  const stated = (setting, [, declaration]) =>
    Object.hasOwn(declaration, setting) && declaration[setting].says === settings[setting].says;
  const used = shared.filter((group) => Object.keys(settings).some((setting) => stated(setting, group)));
  const own = Object.keys(settings).filter((setting) => !used.some((group) => stated(setting, group)));
  const rows = own.map((setting) => {
    const { kind, says } = settings[setting];
    return [`\`${setting}\``, kind.expected, ...users.map(({ defaultOf }) => defaultOf(setting)), says];
  });
  const defaults = users.length === 1 ? ["default"] : users.map(({ name }) => name);
  const presets = Object.keys(users[0].presets ?? {});
  return [
    `## ${users.map(({ name }) => name).join(" and ")}`,
    ...users.map(({ title, reference }) => `${title}: ${reference}.`),
    ...(used.length > 0 ? [`Shared settings: ${used.map(([group]) => anchor(group)).join(", ")}. Besides them:`] : []),
    tableOf(["name", "kind", ...defaults, "what it does"], rows),
    ...(presets.length > 0 ? [`Presets (\`--preset\`): ${presets.map(code).join(", ")}.`] : []),
  ].join("\n\n");
}

/** Systems in their order, those with one declaration together. */
const alike = [...new Set(all.map(({ settings }) => settings))].map((settings) =>
  all.filter((system) => system.settings === settings),
);

const text = `${[
  "<!-- Written by npm run docs from the declarations in packages/jkoflow/src/settings and systems; not by hand. -->",
  "# Settings",
  `Every setting of every system: \`--set name=value\` in the command, \`{ settings: { name: value } }\` in the library. None has
to be set; one of another name or kind is refused.`,
  `**By the table**: what the default is depends on rows and columns. \`jko fit DATA --print-config\`, with \`--system\` for another
than jko-iflow, prints every setting with its value for that table and does nothing else; so does \`jko evolve\`. **By effort, by
purpose**: another value with \`--effort\` or \`--for\`, beside what these change of the settings by the table.`,
  `For tables: ${tabular.map(linked).join(", ")}. For flows of densities (\`jko evolve\`, \`jko infer\`): ${evolving.map(linked).join(", ")}. For
targets alone (\`jko infer\`): ${sampling.map(linked).join(", ")}.`,
  "## Shared",
  ...shared.map(groupOf),
  ...alike.map(ownOf),
].join("\n\n")}\n`;

const name = relative(root, file);
if (process.argv.includes("--check")) {
  const fresh = readFileSync(file, "utf8") === text;
  console.log(fresh ? `${name}: fresh` : `${name}: not what the declarations say; npm run docs writes it anew`);
  process.exitCode = fresh ? 0 : 1;
} else {
  writeFileSync(file, text);
  console.log(`${name}: written`);
}
