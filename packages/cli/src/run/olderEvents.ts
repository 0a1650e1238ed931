/**
 * Lines of events.jsonl that version 0.1.0 wrote in its first weeks, as they are written now: events had a kind each for the
 * updates and results of blocks and of rounds after growth, and no place.
 */
type Line = Readonly<Record<string, unknown>>;

const listed = (values: unknown): unknown =>
  Array.isArray(values) ? values.map((x) => (x === null ? Number.POSITIVE_INFINITY : x)).join(" ") : values;

const isObject = (x: unknown): x is Line => typeof x === "object" && x !== null && !Array.isArray(x);

/** A line as it would be written now; one that is no older one comes as it is. */
export function currentLine(line: Line): Line {
  const { event, place, ...values } = line;
  if (Array.isArray(place) || event === "trained") return line;
  const { block, attempt, stage, round } = values;
  const tries = Number(attempt) > 0 ? [`try ${Number(attempt) + 1}`] : [];
  if (event === "start") {
    const notes = Array.isArray(values.notes) && values.notes.length > 0 ? { notes: values.notes.join("\n") } : {};
    return { event, place: [], parametersPerBlock: values.parametersPerBlock, ...notes };
  }
  if (event === "block" || event === "stage") {
    const { accepted, verdict, stepSizes, arcLengths } = values;
    if (event === "block")
      return { ...values, event: "step", place: [`block ${block}`, ...tries], accepted: accepted === true ? 1 : 0 };
    const kept = String(verdict).startsWith("kept") ? 1 : 0;
    const lists = { stepSizes: listed(stepSizes), arcLengths: listed(arcLengths) };
    return { ...values, event: "step", place: [`${stage} round ${round}`], accepted: kept, ...lists };
  }
  if (event === "update" || event === "round update") {
    const { evaluations, integrals, ...others } = values;
    const spread = { ...(isObject(integrals) ? integrals : {}), ...(isObject(evaluations) ? evaluations : {}) };
    const where =
      event === "update"
        ? [`block ${block}`, ...tries]
        : [`${stage} round ${round}`, Number(block) > 0 ? `block ${block}` : "all blocks"];
    return { ...others, ...spread, event: "update", place: where };
  }
  return line;
}
