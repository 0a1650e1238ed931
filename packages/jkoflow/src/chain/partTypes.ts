/** What a part of a chain is as data, and what it does when it is open. */

/** A map as data. What its description holds beside the kind is a matter of the kind. */
export interface Part {
  readonly config: { readonly kind: string };
  /** In the order of the flat array of the kind. */
  readonly weights: Float32Array;
}

/** Rows [n, d] that went through a map, and log |det| of its derivative at each, nats. */
export interface MovedRows {
  readonly rows: Float64Array;
  readonly logDet: Float64Array;
}

/** A part that can be used. */
export interface OpenPart {
  push(rows: Float64Array): MovedRows;
  /** Rows that it takes to these, and its log-determinants there. @throws NumericError where the iteration does not get there. */
  readonly invert?: (rows: Float64Array) => MovedRows;
  dispose(): void;
}
