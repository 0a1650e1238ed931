/**
 * A setting is stated once: kind, default, sentence. Types, checks, help, the settings in a model file and the tables of the
 * guides follow from it:
 *
 *   const settings = { ...training, blocks: setting(whole(1), 20, "JKO steps") };
 *   type MySettings = SettingsOf<typeof settings>;
 */
import { InputError } from "../errors/errors.ts";
import { nearestName } from "../errors/nearestName.ts";
import type { Kind, Settings, SettingValue } from "./kinds.ts";

export interface Setting<T> {
  readonly kind: Kind<T>;
  /** Default, where what is trained on does not call for another. */
  readonly value: T;
  readonly says: string;
  /** Of runs that began before there was this setting; absent where there always was. */
  readonly before?: T;
}

export type Declaration = Readonly<Record<string, Setting<SettingValue>>>;

/** The type of the values of a declaration. */
export type SettingsOf<D extends Declaration> = {
  readonly [Name in keyof D]: D[Name] extends Setting<infer T> ? T : never;
};

/** A setting: what it takes, its default, a sentence. `before`: the default of runs that were stored without it. */
export const setting = <T>(kind: Kind<T>, value: NoInfer<T>, says: string, before?: NoInfer<T>): Setting<T> =>
  before === undefined ? { kind, value, says } : { kind, value, says, before };

/** A setting of a group with a default, or a sentence too, of its own. */
export const but = <T>(shared: Setting<T>, value: NoInfer<T>, says: string = shared.says): Setting<T> => ({
  ...shared,
  value,
  says,
});

/** Every default, in the order of the declaration. */
export function defaultsOf<D extends Declaration>(declaration: D): Settings & SettingsOf<D> {
  const values: Settings = Object.fromEntries(Object.entries(declaration).map(([name, { value }]) => [name, value]));
  requireSettings(declaration, values, "defaults");
  return values;
}

/**
 * Settings of a run, with what runs from before a setting had for it.
 * @throws InputError for an unknown setting (naming one that is spelt much like it), a missing one, or a wrong value.
 *
 * @example
 * ```ts
 * import { above, atLeast, but, checkSettings, defaultsOf, oneOf, orNull, setting, someOf, whole } from "jkoflow/settings";
 *
 * const declared = {
 *   width: setting(whole(1), 64, "units of a hidden layer"),
 *   rate: setting(above(0), 0.01, "Adam's rate"),
 *   noise: setting(atLeast(0), 0, "deviation of the noise"),
 *   limit: setting(orNull(above(0)), null, "seconds; null: none"),
 *   schedule: setting(oneOf("cosine", "plateau"), "cosine", "how the rate falls"),
 *   stages: setting(someOf("none", ["refine", "joint"]), "none", "what comes after"),
 * };
 * console.log(defaultsOf({ ...declared, rate: but(declared.rate, 0.02) }).rate); // 0.02
 * console.log(checkSettings(declared, { ...defaultsOf(declared), width: 32 }, "mine").width); // 32
 * ```
 */
export function checkSettings<D extends Declaration>(
  declaration: D,
  given: Settings,
  where: string,
): Settings & SettingsOf<D> {
  const before = Object.entries(declaration).flatMap(([name, { before }]) =>
    before === undefined ? [] : [[name, before] as const],
  );
  const settings: Settings = { ...Object.fromEntries(before), ...given };
  requireSettings(declaration, settings, where);
  return settings;
}

function requireSettings<D extends Declaration>(
  declaration: D,
  settings: Settings,
  where: string,
): asserts settings is Settings & SettingsOf<D> {
  const names = Object.keys(declaration);
  for (const place of Object.keys(settings)) {
    if (Object.hasOwn(declaration, place)) continue;
    const near = nearestName(place, names);
    const fix = near === undefined ? `its settings are ${names.join(", ")}` : `did you mean ${near}?`;
    throw new InputError({ where, place, came: "an unknown setting", expected: "one of its settings", fix });
  }
  for (const [place, { kind }] of Object.entries(declaration)) {
    const value = Object.hasOwn(settings, place) ? settings[place] : undefined;
    if (kind.accepts(value)) continue;
    throw new InputError({ where, place, came: JSON.stringify(value) ?? "nothing", expected: kind.expected });
  }
}
