/** The certificate of a run in words. */
import { counted, small } from "../progress/numbers.ts";
import type { Certificate } from "./certificate.ts";
import { withError } from "./comparison.ts";

/** For the terminal and the page. */
export function certificateSays(certificate: Certificate | null): string {
  if (certificate === null) return "";
  return `${residualSays(certificate)}${boundSays(certificate)}${bothWaysSay(certificate)}.`;
}

function residualSays({ by, fields, seen, largest }: Certificate): string {
  const eyes = counted(fields, "test field");
  const how =
    by === "score"
      ? `by the score of the pushed density, of which ${eyes} see at least ${small(seen)}`
      : `as ${eyes} see it, which may be less than there is`;
  return `The first-order condition is left by at most ${small(largest)} nats per unit of length, two standard errors included, ${how}`;
}

function boundSays({ steps, why, lambda, by }: Certificate): string {
  const { bound, closed, excess } = steps[steps.length - 1];
  if (why !== null || bound === null || lambda === null)
    return `; no bound on the distance to the minimiser follows, since ${why}`;
  const root = (square: number): string => small(Math.sqrt(square));
  const beside = closed === null ? "" : `, ${root(closed)} by its closed form`;
  const energy =
    excess === null
      ? ". The conditions of its bound on F do not hold yet"
      : `. F is at most ${small(excess)} nats above its least value`;
  const assumed = by === "score" ? "" : " and nothing unseen left over";
  return `: W_2 to the minimiser is at most ${root(bound)} by the recursion of the convergence theory${beside}, for F convex by ${small(lambda)}, the least curvature seen at the rows${assumed}${energy}`;
}

function bothWaysSay({ bothWays }: Certificate): string {
  if (bothWays === null) return "";
  const { densityGap, energies, inverseError, inverseDrift } = bothWays;
  const both =
    energies === null
      ? ""
      : `; F by the maps ${withError(energies.along.total, energies.along.error)}, by their inverses on other rows ${withError(energies.back.total, energies.back.error)}`;
  return `. Log-densities by the maps and by their inverses differ by ${densityGap.toExponential(1)} nats${both}; inverses are exact to ${inverseError.toExponential(1)}, which puts generated rows off by ${inverseDrift.toExponential(1)} at most`;
}
