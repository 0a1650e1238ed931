/** Systems of flows, by the kind of problem that a verb is for. */
