/** The Sinkhorn divergence to rows of a target as a functional, which the host computes (sinkhorn.ts). */
import { functionalOf } from "./build.ts";
import type { Functional } from "./functional.ts";
import { hostTerm } from "./host.ts";
import { checkBlur, type SelfPotentials, selfPotentials, sinkhorn } from "./sinkhorn.ts";

/**
 * S(rho, rows), about W_2^2 / 2 for a small blur, in squared units of the columns; rows [m, d]. Rows of rho are taken in blocks of
 * at most m, each with a divergence of its own, which sampling keeps above 0 even where rho is the target: O(1 / m). An update of a
 * map costs some hundred times batch times m exponentials: some hundred rows are what it is for. Of systems, jko-icnn takes it.
 *
 * @throws InputError for a blur that is not above 0
 *
 * @example
 * ```ts
 * import { createKey, distributions } from "jkoflow";
 * import { sinkhornToRows } from "jkoflow/functionals";
 *
 * const rows = distributions.banana().sample(createKey(0), 200); // [200, 2]
 * const { needs, title } = sinkhornToRows(rows, 0.3);
 * console.log(title, needs); // the Sinkhorn divergence to rows [ 'host', 'together' ]
 * ```
 */
export function sinkhornToRows(rows: ArrayLike<number>, blur: number): Functional {
  checkBlur(blur);
  const known = new Map<number, SelfPotentials>();
  const together = (x: Float64Array, d: number) => {
    const own = known.get(d) ?? selfPotentials(rows, d, blur);
    known.set(d, own);
    const n = x.length / d;
    const [values, slopes] = [new Float64Array(n), new Float64Array(n * d)];
    const blocks = Math.ceil(n / (rows.length / d));
    for (let block = 0; block < blocks; block++) {
      const [from, to] = [block, block + 1].map((k) => Math.floor((k * n) / blocks));
      const found = sinkhorn(x.subarray(from * d, to * d), rows, d, blur, own);
      values.set(found.values, from);
      slopes.set(found.slopes, from * d);
    }
    return { values, slopes };
  };
  return functionalOf("the Sinkhorn divergence to rows", [hostTerm({ together }, "sinkhorn")]);
}
