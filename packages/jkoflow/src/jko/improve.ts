/**
 * Stages after growth, each kept only if held-out rows agree: reparameterisation, refinement, removal, joint training.
 *
 * A round proposes a changed flow, trains it, and compares its held-out NLL, row by row, with that of the best flow so far
 * (ours; the paper has a fixed number of rounds). A stage begins from the best flow; the rounds of a reparameterisation go
 * on from one another, since step sizes need several of them to settle.
 */
import { type BlockRunner, blockSize } from "../maps/index.ts";
import { fold, type Key } from "../random/index.ts";
import { type Assessment, assess, pairedChange, unevenness } from "./assess.ts";
import type { HeldRows } from "./growth.ts";
import { checkImproveState } from "./improveCheck.ts";
import { EVEN_ENOUGH } from "./reparameterise.ts";
import { inOrder, jointly } from "./rounds.ts";
import { costOf, isJoint, isSpent, judgeRound, mostNoise, propose } from "./stageRules.ts";
import type {
  BlockStack,
  ImproveState,
  RoundState,
  RoundUpdate,
  StageEvent,
  StageName,
  StageReport,
  StageSettings,
  StageVerdict,
} from "./stages.ts";
import { createStageWorkspace } from "./stageWorkspace.ts";
import type { StepProgress } from "./step.ts";
import { type TimeLimit, unlimited } from "./timeLimit.ts";

/** An update of a round. The score of one block is that of the flow up to it: only that of all blocks is the flow's. */
function told<State>(
  stage: StageName,
  round: number,
  { block, updates, progress, state }: RoundUpdate,
  whole: (training: RoundState) => State,
): StageEvent<State> {
  const { score, ...found } = progress;
  const judged: StepProgress = score === undefined ? {} : block > 0 ? { scoreSoFar: score } : { score };
  return {
    type: "update",
    place: [`${stage} round ${round}`, block > 0 ? `block ${block}` : "all blocks"],
    values: { stage, round, block, updates, ...found, ...judged },
    state: () => whole(state()),
  };
}

/** Held-out energies are scores: the NLL up to a constant, nats. */
function valuesOf({ place: _, stepSizes, arcLengths, ...report }: StageReport): StageEvent["values"] {
  const { energyBefore: scoreBefore, validationEnergy: score, ...others } = report;
  return {
    ...others,
    accepted: others.verdict.startsWith("kept") ? 1 : 0,
    blocks: stepSizes.length,
    ...{ stepSizes: stepSizes.join(" "), arcLengths: arcLengths.join(" "), scoreBefore, score },
  };
}

export interface Improved {
  readonly stack: BlockStack;
  readonly reports: readonly StageReport[];
}

/**
 * Improve a flow on standardised rows. `whole` makes the state of an event, to which the stages add theirs. `resume` goes on from a state that an event carried, to the same bits.
 */
export async function* improve<State>(
  runner: BlockRunner,
  rows: HeldRows,
  start: BlockStack,
  settings: StageSettings,
  key: Key,
  whole: (improvement: ImproveState) => State,
  resume?: ImproveState,
  time: TimeLimit = unlimited,
): AsyncGenerator<StageEvent<State>, Improved, void> {
  const { stages, largestGap } = settings;
  const begin: ImproveState = {
    ...{ place: 0, round: 1, withoutGain: 0, evenest: Infinity },
    ...{ entry: start, best: start, current: start, reports: [] },
  };
  if (resume !== undefined) checkImproveState(resume, settings, start, blockSize(runner.config));
  let state: ImproveState = resume ?? begin;
  if (state.place >= stages.length) return { stack: state.best, reports: state.reports };
  const workspace = createStageWorkspace(
    runner,
    rows,
    { ...settings.step, jitter: mostNoise(settings) },
    fold(key, "tools"),
  );
  const held: Assessment[] = [];
  const look = (stack: BlockStack): Assessment => {
    const assessment = assess(workspace, stack, settings.step.validationRows);
    held.push(assessment);
    return assessment;
  };
  const holdOnly = (...kept: readonly Assessment[]): void => {
    for (const one of held) if (!kept.includes(one)) workspace.release(one.end);
    held.splice(0, held.length, ...new Set(kept));
  };
  try {
    let best = look(state.best);
    let current = state.current === state.best ? best : look(state.current);
    let entry = state.entry === state.best ? best : look(state.entry);
    while (state.place < stages.length) {
      const stage = stages[state.place];
      const { place, round, training } = state;
      const roundKey = fold(key, "round", place, round);
      const spent = !training && isSpent(stage, state, settings.leastGain);
      const limited = !training && !spent && !time.allows(costOf(stage, current.stack.blocks.length, settings));
      const proposal = training ?? (limited || spent ? undefined : propose(stage, workspace, current, settings));
      let after = current;
      let updates = 0;
      let verdict: StageVerdict = "nothing to change";
      if (limited) verdict = "not begun: time is used up";
      if (spent) verdict = "not begun: the one before gained too little";
      if (proposal) {
        let made = proposal.stack;
        if (stage !== "remove") {
          const train = isJoint(stage) ? jointly : inOrder;
          const from: RoundState = training ?? { ...proposal, block: 0, updates: 0 };
          const base = state;
          const round = yield* train(workspace, settings, roundKey, from, (update) => {
            time.count(isJoint(stage) ? proposal.stack.blocks.length : 1);
            return told(stage, base.round, update, (training) => whole({ ...base, training }));
          });
          made = round.stack;
          updates = round.updates;
        }
        after = look(made);
        verdict = judgeRound(workspace, entry, best, after, stage, largestGap);
      }
      const kept = verdict.startsWith("kept");
      const report: StageReport = {
        ...{ stage, place: place + 1, round, verdict, updates },
        stepSizes: after.stack.blocks.map(({ stepSize }) => stepSize),
        arcLengths: after.arcLengths,
        unevenness: unevenness(after),
        ...pairedChange(workspace, best, after),
        solverGap: after.solverGap,
        energyBefore: best.energy,
        validationEnergy: (kept ? after : best).energy,
      };
      if (kept) best = after;
      // Step sizes that come nearer to their aim are a gain too: on the way there the likelihood may rise for some rounds.
      const even = Math.min(state.evenest, report.unevenness);
      const gains = kept || (proposal !== undefined && report.unevenness < state.evenest);
      const withoutGain = gains ? 0 : state.withoutGain + 1;
      const ended =
        stage !== "reparameterise" ||
        proposal === undefined ||
        round >= settings.rounds ||
        withoutGain >= 2 ||
        report.unevenness < EVEN_ENOUGH;
      current = ended ? best : after;
      if (ended) entry = best;
      holdOnly(best, current, entry);
      const next = ended
        ? { place: place + 1, round: 1, withoutGain: 0, evenest: Infinity }
        : { place, round: round + 1, withoutGain, evenest: even };
      state = {
        ...next,
        entry: entry.stack,
        best: best.stack,
        current: current.stack,
        reports: [...state.reports, report],
      };
      const now = state;
      yield { type: "step", place: [`${stage} round ${round}`], values: valuesOf(report), state: () => whole(now) };
      await workspace.breathe();
    }
    return { stack: best.stack, reports: state.reports };
  } finally {
    holdOnly();
    workspace.dispose();
  }
}
