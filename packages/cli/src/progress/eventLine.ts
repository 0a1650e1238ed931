/** Lines of events: what events.jsonl and --json say, no wall-clock values in them. */
import type { Event } from "jkoflow";

/** One line of events.jsonl. */
export type EventLine = { readonly event: string } & Readonly<Record<string, unknown>>;

/** What of an event is shown. */
export type ShownEvent = Pick<Event, "type" | "place" | "values">;

/** An event as its line: its type, its place, and its values by their names. */
export const eventLine = ({ type, place, values }: ShownEvent): EventLine => ({ event: type, place, ...values });
