/** Which settings of a model have an effect: the others are switched off, or belong to what is. */
type SettingsOf = Readonly<Record<string, unknown>>;

/** Values that switch off what a setting is about. */
const OFF: readonly unknown[] = [null, 0, false, "none", "never"];

/** Settings without effect where another one has this value. */
const IDLE: readonly { readonly setting: string; readonly is: (value: unknown) => boolean; readonly idle: RegExp }[] = [
  {
    setting: "stages",
    is: (value) => value === "none",
    idle: /^(rounds|damping|largestStepSize|leastGain|round[A-Z].*|joint[A-Z].*)$/,
  },
  { setting: "graphNodes", is: (value) => value === 0, idle: /^graph(Edges|Channels)$/ },
  { setting: "activation", is: (value) => value !== "softplus", idle: /^beta$/ },
];

/** The settings that have an effect, in their order. */
export function settingsInUse(settings: SettingsOf): SettingsOf {
  const without = IDLE.filter(({ setting, is }) => Object.hasOwn(settings, setting) && is(settings[setting]));
  const isEmpty = (value: unknown): boolean => Array.isArray(value) && value.length === 0;
  return Object.fromEntries(
    Object.entries(settings).filter(
      ([name, value]) => !OFF.includes(value) && !isEmpty(value) && !without.some(({ idle }) => idle.test(name)),
    ),
  );
}
