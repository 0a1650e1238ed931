/** Lines of events, and the likelihoods in them. */

/** One line of events.jsonl. */
export type EventLine = { readonly event: string } & Readonly<Record<string, unknown>>;

/** Adds the standardiser's share to a held-out energy E[|z|^2 / 2 - logDet], which makes it an NLL in the user's units. */
export type ToNll = (energy: number) => number;
