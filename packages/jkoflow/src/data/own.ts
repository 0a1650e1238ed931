/** Looking up what users name: column names may be `constructor` or `__proto__`, which every object has by inheritance. */

/** The value that a record holds under a name; undefined for a name that it only inherits. */
export const ownValue = <T>(record: Readonly<Record<string, T>> | undefined, name: string): T | undefined =>
  record !== undefined && Object.hasOwn(record, name) ? record[name] : undefined;
