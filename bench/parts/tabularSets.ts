/** The four tables of the density literature in fixed splits: where their files are, their shapes, and what is asked. */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { concatTables, type Table, takeRows } from "../../packages/jkoflow/src/data/index.ts";
import { InputError } from "../../packages/jkoflow/src/errors/index.ts";
import { readRows, type SplitProblem } from "./problem.ts";

export type SetName = "miniboone" | "power" | "gas" | "bsds300";

export interface TabularSet {
  readonly title: string;
  /** What the files are and where the public copies of their rows come from. */
  readonly source: string;
  readonly columns: number;
  /** Rows of training, validation, test. */
  readonly rows: readonly [number, number, number];
  /** First 12 hexadecimal digits of the SHA-256 of the float32 bytes of each part, where the split was fixed by them. */
  readonly digests?: readonly [string, string, string];
  /** Ways to get the three parts: files of a folder, and how they are put together. */
  readonly forms: readonly Form[];
  /** Test NLL up to which seconds are compared with PyTorch, beside the one PyTorch itself ends with. */
  readonly targets: readonly number[];
  /** Test NLL asked for at convergence. */
  readonly converged?: number;
}

interface Form {
  /** In the repository, or in the data directory. */
  readonly from: "examples" | "data";
  readonly files: readonly string[];
  readonly assemble: (tables: readonly Table[]) => SplitProblem;
}

const asSplit = ([train, validation, test]: readonly Table[]): SplitProblem => ({ train, validation, test });

/** Row i of the head of the official training split followed by the official validation split is held out iff i % 10 = 0. */
function assembleM43([head, validation, test]: readonly Table[]): SplitProblem {
  const pool = concatTables(head, validation);
  const all = Array.from({ length: pool.rows }, (_, i) => i);
  const train = takeRows(
    pool,
    all.filter((i) => i % 10 !== 0),
  );
  const held = takeRows(
    pool,
    all.filter((i) => i % 10 === 0),
  );
  return { train, validation: held, test };
}

const parts = (pattern: (part: string) => string, names: readonly string[]): readonly string[] => names.map(pattern);

export const tabularSets: Readonly<Record<SetName, TabularSet>> = {
  miniboone: {
    title: "MINIBOONE, 43 columns, protocol M43 (4,326 training rows of the official 29,556; official test rows)",
    source: "UCI MiniBooNE (DOI 10.24432/C5QC87), prepared as in arXiv:1705.07057; examples/data of this repository",
    columns: 43,
    rows: [4326, 481, 3648],
    digests: ["eb8b2ada17c5", "2d9b506f7274", "99a3d2051396"],
    forms: [
      {
        from: "examples",
        files: parts((part) => `miniboone-${part}.npy`, ["train", "validation", "test"]),
        assemble: asSplit,
      },
      {
        from: "data",
        files: parts((part) => `miniboone/maf_${part}.npy`, ["train_head", "val", "test"]),
        assemble: assembleM43,
      },
    ],
    targets: [18.1],
    converged: 17.5,
  },
  power: {
    title: "POWER, 6 columns, half a year (January to June 2007)",
    source:
      "UCI individual household electric power consumption, January to June 2007, prepared as in arXiv:1705.07057",
    columns: 6,
    rows: [208_065, 23_118, 25_686],
    digests: ["71cf66e23ed9", "c561c60febf5", "42aa44ea69ca"],
    forms: [
      {
        from: "data",
        files: parts((part) => `power/mafstyle_${part}.npy`, ["train", "val", "test"]),
        assemble: asSplit,
      },
    ],
    targets: [-0.84],
    converged: -1.0,
  },
  gas: {
    title: "GAS, 8 columns, 30,000 rows at random",
    source: "UCI gas sensor array under dynamic gas mixtures (ethylene_CO), sensors 1 2 4 5 9 13 14 15, z-scored",
    columns: 8,
    rows: [10_000, 10_000, 10_000],
    digests: ["482907add3af", "d9b97717ab5f", "4528981b1a88"],
    forms: [
      { from: "data", files: parts((part) => `gas/gas_${part}.npy`, ["train", "val", "test"]), assemble: asSplit },
    ],
    targets: [],
    converged: -6.15,
  },
  bsds300: {
    title: "BSDS300, 63 columns, patches cut anew",
    source: "8 x 8 grey patches of the Berkeley segmentation data (non-commercial), recipe of arXiv:1705.07057",
    columns: 63,
    rows: [50_000, 5_000, 10_000],
    forms: [
      {
        from: "data",
        files: parts((part) => `bsds300/bsds300_${part}.npy`, ["train_50k", "val_5k", "test_10k"]),
        assemble: asSplit,
      },
    ],
    targets: [],
  },
};

export const setNames = Object.keys(tabularSets) as SetName[];

/**
 * The three parts of a set, or a line that says what is missing.
 * @throws InputError when files are there but are not those of the fixed split.
 */
export async function loadSet(name: SetName, dataFolder: string | undefined): Promise<SplitProblem | string> {
  const { forms, source } = tabularSets[name];
  const examples = fileURLToPath(new URL("../../examples/data", import.meta.url));
  for (const { from, files, assemble } of forms) {
    const folder = from === "examples" ? examples : dataFolder;
    const paths = folder === undefined ? [] : files.map((file) => join(folder, file));
    if (paths.length === 0 || !paths.every(existsSync)) continue;
    const problem = assemble(await Promise.all(paths.map(readRows)));
    checkSet(name, problem);
    return problem;
  }
  const wanted = forms.flatMap(({ from, files }) =>
    files.map((file) => (from === "data" ? file : `examples/data/${file}`)),
  );
  return `${name} is left out: no ${wanted.slice(-3).join(", ")} in the data directory (--data DIR or JKOFLOW_DATA); ${source}`;
}

function checkSet(name: SetName, problem: SplitProblem): void {
  const { columns, rows, digests } = tabularSets[name];
  [problem.train, problem.validation, problem.test].forEach((table, i) => {
    const place = ["train", "validation", "test"][i];
    if (table.rows !== rows[i] || table.columns.length !== columns) {
      const came = `${table.rows} x ${table.columns.length}`;
      throw new InputError({ where: name, place, came, expected: `${rows[i]} x ${columns}` });
    }
    const { buffer, byteOffset, byteLength } = table.values;
    const bytes = new Uint8Array(buffer, byteOffset, byteLength);
    const digest = createHash("sha256").update(bytes).digest("hex").slice(0, 12);
    if (digests !== undefined && digest !== digests[i]) {
      const expected = `${digests[i]}, so that figures can be compared`;
      throw new InputError({ where: name, place, came: `rows with the digest ${digest}`, expected });
    }
  });
}
