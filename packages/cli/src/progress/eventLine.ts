/** Lines of events: what events.jsonl and --json say, no wall-clock values in them. */
import type { Event } from "jkoflow";

/** One line of events.jsonl. */
export type EventLine = { readonly event: string } & Readonly<Record<string, unknown>>;

/** What of an event is told. */
export type ToldEvent = Pick<Event, "type" | "place" | "values">;

/** An event as its line: its type, its place, and its values by their names. */
export const eventLine = ({ type, place, values }: ToldEvent): EventLine => ({ event: type, place, ...values });
