/** What was tried after growth: a row for each round, with the held-out likelihood before and after it. */
import { duration, nats, small } from "../progress/numbers.ts";
import { isRound, placeOf, stageOf } from "../progress/place.ts";
import { numbersOf } from "./stageFigures.ts";

type Line = Readonly<Record<string, unknown>>;

/** HTML; empty where there was no stage. */
export function stageTable({
  events,
  times,
}: {
  readonly events: readonly Line[];
  readonly times: readonly Line[];
}): string {
  const at = new Map(times.map((time) => [Number(time.events), Number(time.seconds)]));
  let before = 0;
  const rows = events.flatMap((row, i) => {
    if (row.event !== "step") return [];
    const now = at.get(i + 1) ?? before;
    const took = now - before;
    before = now;
    if (!isRound(row.place)) return [];
    const tried = Number(row.updates) > 0 || row.accepted === 1;
    const number = (key: string): number => Number(row[key]);
    const [lengths, sizes] = [numbersOf(row.arcLengths), numbersOf(row.stepSizes)];
    const list = (values: readonly number[]): string =>
      values.map((value) => (Number.isFinite(value) ? String(Number(value.toPrecision(2))) : "free")).join(" ");
    const cells = [
      `${stageOf(row.place)} ${placeOf(row.place).number}`,
      `${row.verdict}`,
      nats(number("nllBefore")),
      nats(number("validationNll")),
      tried ? `${nats(number("change"))} &plusmn; ${small(number("changeError"))}` : "-",
      `${lengths.length}`,
      tried ? small(number("unevenness")) : "-",
      list(sizes),
      list(lengths),
      duration(took),
    ];
    const drawn = cells.map((cell, k) =>
      k < 2 || k === 7 || k === 8 ? `<td>${cell}</td>` : `<td class="n">${cell}</td>`,
    );
    return [`<tr${row.accepted === 1 ? "" : ' class="dropped"'}>${drawn.join("")}</tr>`];
  });
  if (rows.length === 0) return "";
  const head = [
    "stage",
    "verdict",
    "NLL before",
    "NLL after",
    "change",
    "blocks",
    "unevenness",
    "h",
    "arc lengths",
    "time",
  ];
  const heads = head.map((text, k) => `<th${k < 2 || k === 7 || k === 8 ? "" : ' class="n"'}>${text}</th>`).join("");
  return `<h2>After growth</h2>
<div class="scroll"><table><thead><tr>${heads}</tr></thead><tbody>${rows.join("\n")}</tbody></table></div>
<p class="sub">Validation NLL of the best flow so far, nats; the change is that of the round itself. Rounds that do not lower it are rolled back. Unevenness: max |S / mean S - 1| of the arc lengths S of the blocks.</p>`;
}
