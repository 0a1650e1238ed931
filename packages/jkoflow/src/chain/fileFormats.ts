/**
 * Format numbers of model files. Models of tables: 1; 2 with a schema, which readers of format 1 would score wrongly without
 * it; 3 with more in the schema than readers of format 2 know of, or another base. Chains: 4; 5 with
 * rejection steps, which need the target beside the file.
 */
export const modelKind = "jkoflow model";
export const tableFormats = { plain: 1, schema: 2, latest: 3 } as const;
export const chainFormat = 4;
export const correctedFormat = 5;
