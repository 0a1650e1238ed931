export { type Ability, type Able, abilities, need } from "./abilities.ts";
export { type At, type Chain, type OpenChain, openChain, partsTo } from "./chain.ts";
export { chainFormat, decodeChain, encodeChain } from "./chainFile.ts";
export type { BlockPart, MovedRows, OpenPart, Part } from "./part.ts";
